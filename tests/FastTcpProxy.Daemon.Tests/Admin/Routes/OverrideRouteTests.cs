using System.Text.Json;
using System.Text.Json.Nodes;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>What operators set for upstreams and orders, on the real program. Each test begins with nothing set.</summary>
public sealed class OverrideRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>, IAsyncLifetime
{
    private const string Order = "/v1/services/mail/order";

    public async ValueTask InitializeAsync()
    {
        (await bed.Http.DeleteAsync(bed.Override("primary"))).Is(200);
        (await bed.Http.DeleteAsync(bed.Override(bed.SecondName))).Is(200);
        (await bed.Http.DeleteAsync(Order)).Is(200);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Override_IsSetSeenObeyedAndCleared()
    {
        AdminAnswer none = (await bed.Http.GetAsync(bed.Override("primary"))).Is(200);
        Assert.Equal("null\n", none.Body);

        AdminAnswer set = (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"disabled","reason":"new \"disk\"","for":"30m"}""",
            none.Tag)).Is(200);

        Assert.Equal(("disabled", "new \"disk\""), (Text(set.Json, "state"), Text(set.Json, "reason")));
        Assert.Equal(TimeSpan.FromMinutes(30), set.Json.GetProperty("expires").GetDateTime() - set.Json.GetProperty("at").GetDateTime());
        Assert.Equal(Environment.UserName, Text(set.Json, "author"));
        AdminAnswer read = (await bed.Http.GetAsync(bed.Override("primary"))).Is(200);
        Assert.Equal((set.Tag, SetIn(set)), (read.Tag, read.Json.GetRawText()));
        JsonElement upstream = await UpstreamAsync("primary");
        Assert.False(upstream.GetProperty("serving").GetBoolean());
        Assert.Equal(SetIn(set), upstream.GetProperty("override").GetRawText());
        Assert.Equal(upstream.GetRawText(), UpstreamIn(set.Json.GetProperty("service"), "primary").GetRawText());
        Assert.True(set.Json.GetProperty("stored").GetBoolean());
        Assert.Contains("disabled by", Text(upstream, "why"));
        int before = bed.Second.AcceptedCount;
        using (TestClient client = await bed.JoinAsync()) Assert.Equal(before + 1, bed.Second.AcceptedCount);

        AdminAnswer cleared = (await bed.Http.DeleteAsync(bed.Override("primary"), set.Tag)).Is(200);

        Assert.Equal(none, await bed.Http.GetAsync(bed.Override("primary")));
        Assert.Equal(none.Tag, cleared.Tag);
        Assert.True(UpstreamIn(cleared.Json.GetProperty("service"), "primary").GetProperty("serving").GetBoolean());
        Assert.True((await UpstreamAsync("primary")).GetProperty("serving").GetBoolean());
        await bed.WaitForAuditAsync(" 6200 ", "change=override", "service=\"mail\"", "upstream=\"primary\"",
            "result=\"disabled for 30m\"", "reason=\"new \\\"disk\\\"\"", $"author=\"{Environment.UserName}\"");
        await bed.WaitForAuditAsync(" 6200 ", "change=clear-override", "upstream=\"primary\"", "result=\"cleared\"");
    }

    [Fact]
    public async Task Override_OfTheLastUpstream_IsLoggedAsNoneUp_AndItsReturnToo()
    {
        await bed.Http.PutAsync(bed.Override("primary"), """{"state":"disabled"}""");
        AdminAnswer last = (await bed.Http.PutAsync(bed.Override(bed.SecondName), """{"state":"disabled"}""")).Is(200);
        await bed.Proxy.Child.Error.WaitForLineAsync(
            l => l.Contains(" error 5005 service mail: no upstream is up: 2 disabled"), "none is up");

        (await bed.Http.DeleteAsync(bed.Override(bed.SecondName), last.Tag)).Is(200);

        await bed.Proxy.Child.Error.WaitForLineAsync(
            l => l.Contains(" info 5006 service mail: an upstream is up again: 1 up, 1 disabled"), "one is up");
    }

    [Theory]
    [InlineData("enabled")]
    [InlineData("draining")]
    public async Task Override_EveryState_IsTaken(string state) =>
        Assert.Equal(state, Text((await bed.Http.PutAsync(bed.Override("primary"), $$"""{"state":"{{state}}"}""")).Is(200).Json, "state"));

    [Fact]
    public async Task Name_WithSlashes_IsOneSegment()
    {
        (await bed.Http.PutAsync(bed.Override(bed.SecondName), """{"state":"draining"}""")).Is(200);

        Assert.Equal("draining", Text((await UpstreamAsync(bed.SecondName)).GetProperty("override"), "state"));
        (await bed.Http.GetAsync($"/v1/services/mail/upstreams/{Uri.EscapeDataString("unix:/run/other.sock")}/override")).Is(404);
    }

    [Fact]
    public async Task StaleTag_IsToldWhatIsThere()
    {
        AdminAnswer none = await bed.Http.GetAsync(bed.Override("primary"));
        AdminAnswer first = (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"draining"}""", none.Tag)).Is(200);

        AdminAnswer second = (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"enabled"}""", none.Tag)).Is(412);
        AdminAnswer third = (await bed.Http.DeleteAsync(bed.Override("primary"), none.Tag)).Is(412);

        Assert.Equal(SetIn(first), second.Json.GetProperty("current").GetRawText());
        Assert.Contains(first.Tag!, second.Detail);
        Assert.Equal(SetIn(first), third.Json.GetProperty("current").GetRawText());
        Assert.Equal(first.Tag, (await bed.Http.GetAsync(bed.Override("primary"))).Tag);
        await bed.WaitForAuditAsync(" 6201 ", "change=override", "it has changed meanwhile");
    }

    [Fact]
    public async Task StaleTag_OfWhatWasCleared_HasANullToShow()
    {
        AdminAnswer set = await bed.Http.PutAsync(bed.Override("primary"), """{"state":"draining"}""");
        await bed.Http.DeleteAsync(bed.Override("primary"));

        AdminAnswer stale = (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"enabled"}""", set.Tag)).Is(412);

        Assert.Equal(JsonValueKind.Null, stale.Json.GetProperty("current").ValueKind);
    }

    [Fact]
    public async Task Change_WithoutIfMatch_IsRefusedAndTold()
    {
        (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"draining"}""", ifMatch: null)).Is(428);
        (await bed.Http.DeleteAsync(Order, ifMatch: null)).Is(428);

        await bed.WaitForAuditAsync(" 6201 ", "change=override", "If-Match");
        await bed.WaitForAuditAsync(" 6201 ", "change=clear-order", "If-Match");
    }

    [Theory]
    [InlineData("""{"state":"down"}""", "key \"state\" is \"down\", expected enabled, disabled or draining")]
    [InlineData("""{"reason":"x"}""", "key \"state\" is missing, expected a text")]
    [InlineData("""{"state":"disabled","for":"1y"}""", "key \"for\" is \"1y\"")]
    [InlineData("""{"state":"disabled","for":"31d"}""", "key \"for\" is \"31d\": too long")]
    [InlineData("""{"state":"disabled","for":"999ms"}""", "key \"for\" is \"999ms\": too short")]
    [InlineData("""{"state":"disabled","State":"enabled"}""", "key \"State\" is unknown here")]
    public async Task Body_Wrong_SaysWhatWasExpected(string body, string detail)
    {
        Assert.Contains(detail, (await bed.Http.PutAsync(bed.Override("primary"), body)).Is(400).Detail);
        Assert.Equal("null\n", (await bed.Http.GetAsync(bed.Override("primary"))).Body);
    }

    [Fact]
    public async Task Reason_AtItsLimit_IsTaken_BeyondNot()
    {
        (await bed.Http.PutAsync(bed.Override("primary"), $$"""{"state":"enabled","reason":"{{new string('r', 256)}}"}""")).Is(200);
        Assert.Contains("257 characters",
            (await bed.Http.PutAsync(bed.Override("primary"), $$"""{"state":"enabled","reason":"{{new string('r', 257)}}"}"""))
            .Is(400).Detail);
    }

    [Theory]
    [InlineData("/v1/services/mial/upstreams/primary/override")]
    [InlineData("/v1/services/mail/upstreams/Primary/override")]
    [InlineData("/v1/services/mial/order")]
    public async Task Name_Unknown_IsNotFound(string target)
    {
        (await bed.Http.GetAsync(target)).Is(404);
        (await bed.Http.DeleteAsync(target)).Is(404);
        AdminAnswer put =
            (await bed.Http.PutAsync(target, target.EndsWith("order") ? """{"names":["primary"]}""" : """{"state":"enabled"}""")).Is(404);
        Assert.Contains("/v1/status lists all", put.Detail);
    }

    [Fact]
    public async Task Order_IsSetSeenObeyedAndCleared()
    {
        AdminAnswer none = (await bed.Http.GetAsync(Order)).Is(200);

        AdminAnswer set = (await bed.Http.PutAsync(Order, $$"""{"names":["{{bed.SecondName}}"],"reason":"slow"}""", none.Tag)).Is(200);

        JsonElement service = (await bed.Http.GetAsync("/v1/status")).Json.GetProperty("services")[0];
        Assert.Equal(SetIn(set), service.GetProperty("order").GetRawText());
        Assert.Equal([bed.SecondName, "primary"], service.GetProperty("upstreams").EnumerateArray().Select(u => Text(u, "name")));
        Assert.Equal([2, 1],
            service.GetProperty("upstreams").EnumerateArray().Select(u => u.GetProperty("configured").GetProperty("place").GetInt32()));
        int before = bed.Second.AcceptedCount;
        using (TestClient client = await bed.JoinAsync()) Assert.Equal(before + 1, bed.Second.AcceptedCount);
        (await bed.Http.PutAsync(Order, """{"names":["primary"]}""", none.Tag)).Is(412);

        AdminAnswer cleared = (await bed.Http.DeleteAsync(Order, set.Tag)).Is(200);
        Assert.Equal("primary", Text(cleared.Json.GetProperty("service").GetProperty("upstreams")[0], "name"));
        Assert.Equal(none, await bed.Http.GetAsync(Order));
        await bed.WaitForAuditAsync("change=order", "service=\"mail\"", "reason=\"slow\"");
    }

    [Theory]
    [InlineData("""{"names":[]}""", "names no upstream")]
    [InlineData("""{"names":["primary","primary"]}""", "twice")]
    [InlineData("""{"names":["other"]}""", "no upstream \"other\"")]
    [InlineData("""{"names":"primary"}""", "expected a list of texts")]
    public async Task Order_Wrong_SaysWhatWasExpected(string body, string detail) =>
        Assert.Contains(detail, (await bed.Http.PutAsync(Order, body)).Is(400).Detail);

    [Fact]
    public async Task NotStored_IsSaid_AndNothingIsChanged()
    {
        Directory.Delete(bed.StateDirectory, recursive: true);
        try
        {
            Assert.Contains("nothing was changed",
                (await bed.Http.PutAsync(bed.Override("primary"), """{"state":"disabled"}""")).Is(507).Detail);
            Assert.Equal("null\n", (await bed.Http.GetAsync(bed.Override("primary"))).Body);
            await bed.WaitForAuditAsync(" 6201 ", "change=override", "nothing was changed");
        }
        finally
        {
            Directory.CreateDirectory(bed.StateDirectory);
        }
    }

    [Fact]
    public async Task TwoOperators_WithTheSameTag_ExactlyOneWins()
    {
        using AdminHttp other = new(bed.Socket);
        string[] bodies = ["""{"state":"disabled","reason":"one"}""", """{"state":"enabled","reason":"two"}"""];
        int[] wins = new int[2];
        for (int round = 0; round < 100; round++)
        {
            string tag = (await bed.Http.GetAsync(bed.Override("primary"))).Tag!;

            AdminAnswer[] answers = await Task.WhenAll(bed.Http.PutAsync(bed.Override("primary"), bodies[0], tag),
                other.PutAsync(bed.Override("primary"), bodies[1], tag));

            AdminAnswer winner = Assert.Single(answers, a => a.Status == 200);
            AdminAnswer loser = Assert.Single(answers, a => a.Status == 412);
            Assert.Equal(SetIn(winner), loser.Json.GetProperty("current").GetRawText());
            Assert.Equal(winner.Tag, (await bed.Http.GetAsync(bed.Override("primary"))).Tag);
            wins[Array.IndexOf(answers, winner)]++;
        }
        TestContext.Current.SendDiagnosticMessage($"wins: {wins[0]} and {wins[1]}");
    }

    [Fact]
    public async Task RealCurl_PutsGetsAndDeletes()
    {
        string target = bed.Override(bed.SecondName);
        ProcessResult put = await Curl.RunAsync(bed.Socket, target, "-X", "PUT", "-H", "If-Match: *", "-H",
            "Content-Type: application/json", "-d", """{"state":"disabled","reason":"bench"}""", "--fail");
        ProcessResult get = await Curl.RunAsync(bed.Socket, target, "--include");
        string tag = get.Output.Split('\n').Single(l => l.StartsWith("ETag: ")).Trim()["ETag: ".Length..];
        ProcessResult stale = await Curl.RunAsync(bed.Socket, target, "-X", "DELETE", "-H", "If-Match: \"0\"", "-w", "%{http_code}");
        ProcessResult delete = await Curl.RunAsync(bed.Socket, target, "-X", "DELETE", "-H", $"If-Match: {tag}", "--fail");

        Assert.Equal((0, ""), (put.ExitCode, put.Error));
        Assert.Contains("\"state\":\"disabled\",\"reason\":\"bench\"", put.Output);
        Assert.Contains("\"state\":\"disabled\",\"reason\":\"bench\"", get.Output);
        Assert.EndsWith("412", stale.Output);
        Assert.Equal((0, ""), (delete.ExitCode, delete.Error));
    }

    private static string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;

    /// <summary>Of the answer to a change what is set, without what it leaves.</summary>
    private static string SetIn(AdminAnswer answer)
    {
        JsonObject set = JsonNode.Parse(answer.Body)!.AsObject();
        foreach (string left in (string[])["warning", "stored", "service"]) set.Remove(left);
        return JsonSerializer.Serialize(set);
    }

    private static JsonElement UpstreamIn(JsonElement service, string name) =>
        service.GetProperty("upstreams").EnumerateArray().Single(u => Text(u, "name") == name);

    private async Task<JsonElement> UpstreamAsync(string name) =>
        UpstreamIn((await bed.Http.GetAsync("/v1/status")).Is(200).Json.GetProperty("services")[0], name);
}
