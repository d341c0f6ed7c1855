using System.Net;
using System.Text.Json;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>Sessions that are listed and ended, on the real program. Each test ends its sessions.</summary>
public sealed class SessionRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>
{
    [Fact]
    public async Task List_SaysWhoIsProxiedToWhat()
    {
        using TestClient client = await bed.JoinAsync();

        JsonElement session = Assert.Single((await bed.Http.GetAsync("/v1/sessions")).Is(200).Json.GetProperty("sessions").EnumerateArray(),
            s => s.GetProperty("client").GetString() == client.LocalEndPoint.ToString());

        Assert.Equal(("mail", "primary", "relaying"), (Text(session, "service"), Text(session, "upstream"), Text(session, "state")));
        Assert.Equal((bed.Listen.ToString(), bed.Primary.EndPoint.ToString()),
            (Text(session, "listener"), Text(session, "upstreamAddress")));
        Assert.Equal((5, 5), (session.GetProperty("bytesFromClient").GetInt64(), session.GetProperty("bytesFromUpstream").GetInt64()));
        await EndAllAsync();
    }

    [Fact]
    public async Task List_Filtered_HasOnlyThose_AndSaysWhetherThereAreMore()
    {
        using TestClient one = await bed.JoinAsync();
        using TestClient two = await bed.JoinAsync();
        using TestClient three = await bed.JoinAsync();

        Assert.Equal((2, true), Count(await bed.Http.GetAsync("/v1/sessions?service=mail&upstream=primary&client=127.0.0.0/8&limit=2")));
        Assert.Equal((3, false), Count(await bed.Http.GetAsync("/v1/sessions?client=127.0.0.1&limit=3")));
        Assert.Equal((3, false), Count(await bed.Http.GetAsync("/v1/sessions?limit=1000")));
        Assert.Equal((0, false), Count(await bed.Http.GetAsync("/v1/sessions?client=192.0.2.0/24")));
        Assert.Equal((0, false), Count(await bed.Http.GetAsync($"/v1/sessions?upstream={Uri.EscapeDataString(bed.SecondName)}")));
        Assert.Equal((0, false), Count(await bed.Http.GetAsync("/v1/sessions?service=gone")));
        await EndAllAsync();
    }

    [Theory]
    [InlineData("/v1/sessions?limit=0", "expected a number from 1 to 1000")]
    [InlineData("/v1/sessions?limit=1001", "expected a number from 1 to 1000")]
    [InlineData("/v1/sessions?client=127.1", "query parameter \"client\" is \"127.1\"")]
    [InlineData("/v1/sessions?client=10.0.0.1/8", "did you mean \"10.0.0.0/8\"?")]
    [InlineData("/v1/sessions?user=x", "\"user\" is unknown here")]
    public async Task List_WrongQuery_SaysWhatWasExpected(string target, string detail) =>
        Assert.Contains(detail, (await bed.Http.GetAsync(target)).Is(400).Detail);

    [Fact]
    public async Task KillOne_ResetsItAndNoOther()
    {
        using TestClient one = await bed.JoinAsync();
        using TestClient two = await bed.JoinAsync();
        string id = (await bed.Http.GetAsync("/v1/sessions")).Json.GetProperty("sessions").EnumerateArray()
            .Single(s => Text(s, "client") == one.LocalEndPoint.ToString()).GetProperty("id").GetString()!;

        Assert.Equal(1, Killed(await bed.Http.DeleteAsync($"/v1/sessions/{id}", ifMatch: null)));

        await Ends.AssertResetAsync(one);
        await Ends.AssertEchoAsync(two, "still here");
        Assert.Contains("or it has closed", (await bed.Http.DeleteAsync($"/v1/sessions/{id}", ifMatch: null)).Is(404).Detail);
        Assert.Contains("or it has closed", (await bed.Http.DeleteAsync($"/v1/sessions/{id.Split('-')[1]}", ifMatch: null)).Is(404).Detail);
        Assert.Contains("one of another process, expected an id that begins with " + id.Split('-')[0],
            (await bed.Http.DeleteAsync("/v1/sessions/0123456789ab-4711", ifMatch: null)).Is(404).Detail);
        (await bed.Http.DeleteAsync("/v1/sessions/x", ifMatch: null)).Is(400);
        (await bed.Http.DeleteAsync("/v1/sessions/-1", ifMatch: null)).Is(400);
        await bed.WaitForAuditAsync(" 6200 ", "change=kill-session ", $"result=\"killed {id}\"");
        await bed.WaitForAuditAsync(" 6201 ", "change=kill-session ", $"there is no session {id}");
        await EndAllAsync();
    }

    [Fact]
    public async Task Kill_Filtered_ResetsThose()
    {
        IPEndPoint source = new(IPAddress.Parse("127.0.0.77"), 0);
        using TestClient one = await bed.JoinAsync();
        using TestClient two = await TestClient.ConnectAsync(bed.Listen, source);
        await Ends.AssertEchoAsync(two);

        Assert.Equal(0, Killed(await bed.Http.DeleteAsync("/v1/sessions?service=other", ifMatch: null)));
        Assert.Equal(1, Killed(await bed.Http.DeleteAsync("/v1/sessions?service=mail&upstream=primary&client=127.0.0.77", ifMatch: null)));

        await Ends.AssertResetAsync(two);
        await Ends.AssertEchoAsync(one, "still here");
        await bed.WaitForAuditAsync(" 6200 ", "change=kill-sessions", "service=\"mail\"", "upstream=\"primary\"",
            "killed 1, client 127.0.0.77/32");
        await EndAllAsync();
    }

    [Theory]
    [InlineData("/v1/sessions")]
    [InlineData("/v1/sessions?all=false")]
    [InlineData("/v1/sessions?all=true&service=mail")]
    public async Task Kill_WithoutAFilter_NeedsAll(string target)
    {
        using TestClient client = await bed.JoinAsync();

        Assert.Contains("all=true alone", (await bed.Http.DeleteAsync(target, ifMatch: null)).Is(400).Detail);

        await Ends.AssertEchoAsync(client, "still here");
        await EndAllAsync();
    }

    private static string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;

    private static int Killed(AdminAnswer answer) => answer.Is(200).Json.GetProperty("killed").GetInt32();

    private static (int Sessions, bool More) Count(AdminAnswer answer) =>
        (answer.Is(200).Json.GetProperty("sessions").GetArrayLength(), answer.Json.GetProperty("more").GetBoolean());

    private async Task EndAllAsync()
    {
        (await bed.Http.DeleteAsync("/v1/sessions?all=true", ifMatch: null)).Is(200);
        await Eventually.EqualsAsync((0, false), async () => Count(await bed.Http.GetAsync("/v1/sessions")), "no session is left");
    }
}
