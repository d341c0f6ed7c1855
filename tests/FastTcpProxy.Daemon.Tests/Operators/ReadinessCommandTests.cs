using System.Text.Json;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>What <c>status</c> and the commands say when no one is up: by words, by JSON and by exit codes.</summary>
public sealed class ReadinessCommandTests
{
    private const string Check = "\"healthCheck\": { \"type\": \"tcp\", \"interval\": \"250ms\" },";

    [Theory]
    [InlineData("try-in-order", 4, "degraded")]
    [InlineData("fail", 3, "not ready")]
    public async Task AllDown_IsSaidByStatusAndItsExitCode(string allDown, int exitCode, string word)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(service: $"{Check} \"allDown\": \"{allDown}\",");
        await bed.Primary.DisposeAsync();
        await bed.Secondary.DisposeAsync();
        ProcessResult status = await UntilAsync(bed, "status", r => r.ExitCode == exitCode);

        Assert.Contains($", {word}\n", status.Output);
        Assert.Matches($@"\n{word}: service mail: no upstream [^(]*\n", status.Output);
        // Of each upstream, once.
        Assert.Equal(2, status.Output.Split("connect refused").Length - 1);
        using JsonDocument json = JsonDocument.Parse((await bed.RunAsync("status --json")).Output);
        Assert.Equal(exitCode == 4, json.RootElement.GetProperty("ready").GetBoolean());
        Assert.Equal(exitCode == 4 ? "degraded" : "notReady", json.RootElement.GetProperty("readiness").GetString());
        Assert.Equal(json.RootElement.GetProperty("readiness").GetString(),
            json.RootElement.GetProperty("services")[0].GetProperty("readiness").GetString());
        Assert.Matches("primary +.* down since .*Z: .*refused", await bed.DoAsync("upstream list mail"));
    }

    [Theory]
    [InlineData("upstream disable mail primary")]
    [InlineData("upstream drain mail primary")]
    public async Task TakingOutTheLastThatIsUp_IsWarnedOf_ByTextAndJson(string line)
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(service: Check);
        await bed.Secondary.DisposeAsync();
        await UntilAsync(bed, "upstream list mail", r => r.Output.Contains("down since", StringComparison.Ordinal));

        ProcessResult text = await bed.RunAsync(line);
        ProcessResult json = await bed.RunAsync(line + " --json");

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        Assert.Matches("^warning: no upstream of mail is up: its new clients are proxied to secondary nevertheless; why: "
            + "primary: .*; secondary: down since .*", text.Error);
        using JsonDocument answer = JsonDocument.Parse(json.Output);
        Assert.StartsWith("no upstream of mail is up: its new clients are proxied to secondary",
            answer.RootElement.GetProperty("warning").GetString());
    }

    [Fact]
    public async Task EndingAnOverrideWhileNobodyIsUp_IsWarnedOf_ByTextAndJson()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync(service: Check);
        await bed.Primary.DisposeAsync();
        await bed.Secondary.DisposeAsync();
        await UntilAsync(bed, "status", r => r.ExitCode == 4);
        await bed.DoAsync("upstream disable mail primary");
        await bed.DoAsync("upstream order mail secondary");

        foreach (string line in (string[])["upstream enable mail primary --json", "upstream order mail --configured --json"])
        {
            ProcessResult ended = await bed.RunAsync(line);
            Assert.Equal(0, ended.ExitCode);
            using JsonDocument answer = JsonDocument.Parse(ended.Output);
            Assert.StartsWith("no upstream of mail is up: ", answer.RootElement.GetProperty("warning").GetString());
            Assert.StartsWith("warning: no upstream of mail is up: ", ended.Error);
        }
    }

    /// <summary>Repeats a command until it says what is wanted.</summary>
    private static async Task<ProcessResult> UntilAsync(OperatorBed bed, string line, Predicate<ProcessResult> holds)
    {
        ProcessResult result = await bed.RunAsync(line);
        for (int i = 0; i < 100 && !holds(result); i++) result = await bed.RunAsync(line);
        Assert.True(holds(result), $"{line}: exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        return result;
    }
}
