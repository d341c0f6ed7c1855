using System.Text.Json;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary><c>sessions</c> and <c>explain</c>, the real program against a real proxy.</summary>
public sealed class SessionsCommandTests
{
    [Fact]
    public async Task List_ShowsWhoIsProxiedToWhat()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        string none = await bed.DoAsync("sessions list");
        using TestClient client = await bed.JoinAsync();

        string table = await bed.DoAsync("sessions list --service mail --upstream primary --client 127.0.0.0/8");
        string others = await bed.DoAsync("sessions list --client 192.0.2.1");
        using JsonDocument json = JsonDocument.Parse(await bed.DoAsync("sessions list --limit 1 --json"));

        Assert.Equal("no session", none);
        Assert.Matches(@"^ *Id  Service  Listener .*\n *[0-9a-f]{12}-\d+  mail +127\.0\.0\.1:\d+ +" + client.LocalEndPoint + @" +primary +"
            + bed.Primary.EndPoint + @" +relaying +\d+s +\d+s +5 B +5 B$", table);
        Assert.Equal("no session", others);
        Assert.Equal("mail", Assert.Single(json.RootElement.GetProperty("sessions").EnumerateArray()).GetProperty("service").GetString());
    }

    [Theory]
    [InlineData("sessions list --service mial", "there is no service mial, expected one of mail; did you mean mail?")]
    [InlineData("sessions list --service mail --upstream primry --json",
        "service mail has no upstream primry, expected one of primary, secondary; did you mean primary?")]
    [InlineData("sessions kill --upstream third", "no service has an upstream third, expected one of primary, secondary")]
    public async Task UnknownName_WithoutASession_IsAnErrorThatNamesTheKnownOnes(string line, string error)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        UpstreamCommandTests.AssertFailed(await bed.RunAsync(line), 1, error);
    }

    [Fact]
    public async Task Kill_OneByItsId_ThenAll()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using TestClient first = await bed.JoinAsync();
        using TestClient second = await bed.JoinAsync();
        using JsonDocument json = JsonDocument.Parse(await bed.DoAsync("sessions list --json"));
        string id = json.RootElement.GetProperty("sessions")[0].GetProperty("id").GetString()!;

        string one = await bed.DoAsync($"sessions kill {id}");
        string elsewhere = await bed.DoAsync("sessions kill --upstream secondary");
        string all = await bed.DoAsync("sessions kill --all --json");

        Assert.Equal("1 session ended", one);
        Assert.Equal("0 sessions on secondary ended", elsewhere);
        Assert.Equal("{\"killed\":1}", all);
    }

    [Fact]
    public async Task Explain_SaysTheOutcomeAndWhatItFollowsFrom()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using (await bed.JoinAsync())
        {
            await bed.DoAsync("upstream disable mail primary --reason disk");

            string text = await bed.DoAsync("explain --service mail --from 192.0.2.7");
            using JsonDocument json = JsonDocument.Parse(await bed.DoAsync("explain --service mail --from 192.0.2.7 --json"));

            Assert.StartsWith($"192.0.2.7 to mail: {json.RootElement.GetProperty("outcome").GetString()}\n", text);
            Assert.Contains("\nListeners\n", text);
            Assert.Contains("  sessions of the process: 1 of ", text);
            Assert.Matches(@"primary +no +disabled +.* disabled by \S+ since .*Z: disk\n", text);
            Assert.Matches(@"primary: last attempts: connected (just now|\d+s ago) \(", text);
            Assert.Contains("secondary: no attempt yet", text);
        }
    }
}
