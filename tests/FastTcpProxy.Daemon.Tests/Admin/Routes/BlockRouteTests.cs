using System.Text;
using System.Text.Json;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>Networks that are denied and allowed at run time, of the real program.</summary>
public sealed class BlockRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>
{
    [Fact]
    public async Task Entry_IsAnsweredListedCheckedAndRemoved()
    {
        JsonElement made = (await bed.Http.PostAsync("/v1/block",
            """{"network":"127.0.0.7","service":"mail","for":"1h","reason":"spam"}""")).Is(201).Json;
        await bed.WaitForAuditAsync("change=block service=\"mail\"", "deny 127.0.0.7 (service mail), until ", "reason=\"spam\"");

        Assert.Equal(("deny", "operator", true), (Text(made, "action"), Text(made, "origin"), made.GetProperty("inForce").GetBoolean()));
        JsonElement list = (await bed.Http.GetAsync("/v1/block?service=mail&action=deny&limit=10")).Is(200).Json;
        Assert.Equal(made.ToString(), list.GetProperty("entries")[0].ToString());
        Assert.True(list.GetProperty("stored").GetBoolean());
        JsonElement check = (await bed.Http.GetAsync("/v1/block/check?address=127.0.0.7")).Is(200).Json.GetProperty("services")[0];
        Assert.Equal("denied", Text(check, "verdict"));
        Assert.Equal(made.ToString(), check.GetProperty("entry").ToString());
        Assert.Contains("(spam), until ", Text(check, "why"));
        Assert.Contains("it is denied by 127.0.0.7 of ",
            Text((await bed.Http.GetAsync("/v1/explain?service=mail&from=127.0.0.7")).Is(200).Json, "outcome"));

        long revision = list.GetProperty("revision").GetInt64();
        (await bed.Http.DeleteAsync("/v1/block?network=127.0.0.7&service=mail", null)).Is(200);
        (await bed.Http.DeleteAsync("/v1/block?network=127.0.0.7&service=mail", null)).Is(404);
        JsonElement since = (await bed.Http.GetAsync($"/v1/block?since={revision}")).Is(200).Json;
        Assert.Equal("127.0.0.7", Text(since.GetProperty("removed")[0], "network"));
        (await bed.Http.GetAsync($"/v1/block?since={revision + 100}")).Is(410);
        check = (await bed.Http.GetAsync($"/v1/block/check?address={bed.Primary.EndPoint.Address}")).Is(200).Json
            .GetProperty("services")[0];
        Assert.Equal(("served", "primary"), (Text(check, "verdict"), check.GetProperty("upstreams")[0].GetString()));
    }

    [Theory]
    [InlineData("""{"network":"192.0.2.0/33"}""", 400, "key \"network\" is ")]
    [InlineData("""{"network":"192.0.2.1/24"}""", 400, "key \"network\" is ")]
    [InlineData("""{"network":"192.0.2.1","expires":"2020-01-01T00:00:00Z"}""", 400, "key \"expires\": 2020-01-01T00:00:00Z is in the ")]
    [InlineData("""{"network":"192.0.2.1","expires":"tomorrow"}""", 400, "key \"expires\" is \"tomorrow\", expected ")]
    [InlineData("""{"network":"192.0.2.1","for":"1h","expires":"2999-01-01T00:00:00Z"}""", 400, "there are both ")]
    [InlineData("""{"network":"192.0.2.1","service":"mial"}""", 404, "there is no service \"mial\", expected one of mail")]
    [InlineData("""{"network":"192.0.2.1","action":"drop"}""", 400, "key \"action\" is \"drop\", expected deny or allow")]
    public async Task WrongEntry_IsRefusedWithWhatWasExpected(string body, int status, string detail) =>
        Assert.StartsWith(detail, (await bed.Http.PostAsync("/v1/block", body)).Is(status).Detail);

    [Fact]
    public async Task Import_IsTakenWhole_OrNotAtAll()
    {
        Assert.StartsWith("nothing was imported: line 2: ",
            (await ImportAsync("text/plain", "192.0.2.0/24\n192.0.2.1/24\n")).Is(400).Detail);
        Assert.StartsWith("nothing was imported: line 2: ",
            (await ImportAsync("application/x-ndjson", "{\"network\":\"192.0.2.9\"}\n{\"netwrok\":\"192.0.2.9\"}\n")).Is(400).Detail);
        Assert.Empty((await bed.Http.GetAsync("/v1/block?action=allow")).Is(200).Json.GetProperty("entries").EnumerateArray());
        (await ImportAsync("application/json", "{}")).Is(415);

        // Of this class the other tests deny.
        Assert.Equal(2, (await ImportAsync("text/plain", "192.0.2.0/24 # a list\n\n2001:db8::/32\n")).Is(200).Json
            .GetProperty("imported").GetInt32());
        Assert.Equal(1, (await ImportAsync("application/x-ndjson", "{\"network\":\"192.0.2.9\",\"service\":\"mail\",\"for\":\"1h\"}\n"))
            .Is(200).Json.GetProperty("imported").GetInt32());
        Assert.Equal(3, (await bed.Http.PostAsync("/v1/block/flush?action=allow")).Is(200).Json.GetProperty("removed").GetInt32());
    }

    private async Task<AdminAnswer> ImportAsync(string type, string text)
    {
        using StringContent content = new(text, Encoding.UTF8, type);
        return await bed.Http.SendContentAsync(HttpMethod.Post, "/v1/block/import?action=allow&reason=list", content);
    }

    private static string? Text(JsonElement element, string key) => element.GetProperty(key).GetString();
}
