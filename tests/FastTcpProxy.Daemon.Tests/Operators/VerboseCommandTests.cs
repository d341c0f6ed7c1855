using System.Text.Json;
using System.Text.RegularExpressions;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary><c>verbose</c>, the real program against a real proxy.</summary>
public sealed class VerboseCommandTests
{
    [Fact]
    public async Task Rules_AreSetListedAndRemoved()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        Assert.Equal("no rule", (await bed.DoAsync("verbose list")).Trim());

        ProcessResult on = await bed.RunAsync("verbose on --service mail --client 127.0.0.1 --for 5m");
        await bed.DoAsync("verbose on --client 192.0.2.0/24");

        Assert.Equal(0, on.ExitCode);
        Assert.Matches("rule 1: sessions of service mail from 127.0.0.1/32 tell their steps until [0-9:]{8} UTC", on.Output + on.Error);
        string[] list = (await bed.DoAsync("verbose list")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^Id\s+Service\s+Client\s+By\s+Until \(UTC\)$", list[0].Trim());
        Assert.Matches(@"^1\s+mail\s+127\.0\.0\.1/32\s+\S+\s+[0-9:]{8}$", list[1].Trim());
        Assert.Matches(@"^2\s+any\s+192\.0\.2\.0/24\s+\S+\s+[0-9:]{8}$", list[2].Trim());
        Assert.Equal(2, JsonDocument.Parse(await bed.DoAsync("verbose list --json")).RootElement.GetProperty("rules").GetArrayLength());

        Assert.Equal("1 rule removed", await SaysAsync(bed, "verbose off 1"));
        Assert.Equal(1, (await bed.RunAsync("verbose off 1")).ExitCode);
        Assert.Equal("1 rule removed", await SaysAsync(bed, "verbose off"));
        Assert.Equal("no rule", (await bed.DoAsync("verbose list")).Trim());
    }

    [Theory]
    [InlineData("verbose on", 2, "expected --service or --client")]
    [InlineData("verbose on --client here", 2, "--client \"here\": this is not an IP address")]
    [InlineData("verbose on --service mail --for 2h", 2, "--for 2h: ")]
    [InlineData("verbose on --service mial", 1, "there is no service mial, expected one of mail; did you mean mail?")]
    [InlineData("verbose off x", 2, "ID x: expected the number of a rule, as in the list")]
    public async Task WrongLine_IsAnErrorWithWhatWasExpected(string line, int code, string error)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();

        ProcessResult result = await bed.RunAsync(line);

        Assert.Equal(code, result.ExitCode);
        Assert.StartsWith($"error: {error}", result.Error);
    }

    /// <summary>More sessions than may tell their steps: what is left out is counted, and traffic does not notice.</summary>
    [Fact]
    public async Task ManySessions_AreBounded_AndWhatIsLeftOutIsSaid()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        await bed.DoAsync("verbose on --service mail");
        const int beyond = 44;
        List<TestClient> clients = [];
        for (int i = 0; i < StepTracing.SessionsMax + beyond; i++) clients.Add(await bed.JoinAsync());

        string line = await bed.Proxy.Child.Error.WaitForLineAsync(l => l.Contains(" warning 6312 ", StringComparison.Ordinal)
            && !l.Contains(" and 0 sessions ", StringComparison.Ordinal), "what is left out is said");

        Assert.Matches(@"left out in the last second: \d+ steps? beyond 500 a second, and \d+ sessions? beyond 256 at once$", line);
        await Eventually.EqualsAsync(beyond, () => bed.Proxy.Child.Error.Snapshot().Sum(LeftOut), "each of them is counted");
        foreach (TestClient client in clients) client.Dispose();
    }

    private static int LeftOut(string line) =>
        Regex.Match(line, @" 6312 .* and (\d+) sessions? ") is { Success: true } match ? int.Parse(match.Groups[1].Value) : 0;

    private static async Task<string> SaysAsync(OperatorBed bed, string line)
    {
        ProcessResult result = await bed.RunAsync(line);
        Assert.Equal(0, result.ExitCode);
        return (result.Output + result.Error).Trim();
    }
}
