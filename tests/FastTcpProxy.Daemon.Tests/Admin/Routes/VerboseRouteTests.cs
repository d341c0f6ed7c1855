using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>Verbose sessions of the real program.</summary>
public sealed partial class VerboseRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>
{
    [Fact]
    public async Task Rule_LetsItsSessionsTellEveryStep_AndOthersNone()
    {
        (await bed.Http.PostAsync("/v1/verbose", """{"client":"192.0.2.0/24","for":"10m"}""")).Is(201);
        using (await bed.JoinAsync())
        {
        }
        await bed.Http.DeleteAsync("/v1/verbose", null);
        string body = """{"service":"mail","client":"127.0.0.0/8","for":"10m"}""";
        JsonElement rule = (await bed.Http.PostAsync("/v1/verbose", body)).Is(201).Json;
        await bed.WaitForAuditAsync("change=verbose service=\"mail\"", "sessions of service mail from 127.0.0.0/8, for 10m");
        (await bed.Http.PostAsync("/v1/reload")).Is(200);

        TestClient client = await bed.JoinAsync();
        string name = client.LocalEndPoint.ToString();
        client.HalfClose();
        Assert.Equal("", await client.ReceiveToEndAsync());
        string[] steps = [];
        await Eventually.HoldsAsync(async () => (steps = await StepsAsync()).Any(s => s.Contains(": closed: ")), "its steps are events");

        Assert.All(steps, s => Assert.StartsWith("service mail, session ", s));
        Assert.All(steps, s => Assert.Contains($" of {name}, +", s));
        Assert.Equal(
            [
                $"accepted from {name}", $"connect to primary at {bed.Primary.EndPoint}",
                $"connect to primary at {bed.Primary.EndPoint}: connected after T", "first bytes from the client, N",
                "first bytes from the upstream, N", "end of stream of the client passed on, after N bytes",
                "end of stream of the upstream passed on, after N bytes",
                "closed: client.relay.ended; N bytes from the client, N from the upstream",
            ],
            steps.Select(Plain));
        Assert.Equal(rule.GetProperty("id").GetInt64(),
            (await bed.Http.GetAsync("/v1/verbose")).Is(200).Json.GetProperty("rules")[0].GetProperty("id").GetInt64());
        (await bed.Http.DeleteAsync($"/v1/verbose/{rule.GetProperty("id")}", null)).Is(200);
        (await bed.Http.DeleteAsync($"/v1/verbose/{rule.GetProperty("id")}", null)).Is(404);
        client.Dispose();
    }

    [Theory]
    [InlineData("""{"for":"10m"}""", 400, "expected key \"service\" or \"client\"")]
    [InlineData("""{"service":"mail","for":"2h"}""", 400, "key \"for\" is ")]
    [InlineData("""{"service":"mail"}""", 400, "key \"for\" ")]
    [InlineData("""{"client":"here","for":"1m"}""", 400, "key \"client\" is ")]
    [InlineData("""{"service":"mial","for":"1m"}""", 404, "there is no service \"mial\"; /v1/status lists all")]
    public async Task WrongBody_IsRefusedWithWhatWasExpected(string body, int status, string detail) =>
        Assert.StartsWith(detail, (await bed.Http.PostAsync("/v1/verbose", body)).Is(status).Detail);

    private async Task<string[]> StepsAsync() => [.. (await bed.Http.GetAsync("/v1/events?limit=1000")).Is(200).Json.GetProperty("events")
        .EnumerateArray().Where(e => e.GetProperty("level").GetString() == "debug").Select(e => e.GetProperty("text").GetString()!)];

    [GeneratedRegex(@"after [\d.]+ m?s$")]
    private static partial Regex Times();

    [GeneratedRegex(@"(?<=, |; |after )\d+(?= bytes?| from the upstream|$)")]
    private static partial Regex Numbers();

    /// <summary>The step, without the session, its time and the numbers of bytes.</summary>
    private static string Plain(string text)
    {
        string step = text[(text.IndexOf("s: ", StringComparison.Ordinal) + 3)..];
        return Numbers().Replace(Times().Replace(step, "after T"), "N");
    }
}
