using System.Globalization;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary><c>status</c> with counts, <c>--brief</c> and <c>--watch</c>, the real program against a real proxy.</summary>
public sealed class StatusWatchTests
{
    [Fact]
    public async Task Status_CountsClientsAndFailedAttempts()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        await bed.Primary.DisposeAsync();
        using (await bed.JoinAsync())
        using (await bed.JoinAsync())
        {
            string text = await UntilAsync(bed, "status", "clients: 2 accepted");
            Assert.Contains(", 2 active, 0 ended, of these 0 without an upstream, 0 refused\n", text);
            Assert.Matches("\nbytes: 10 B to upstreams.*, 10 B to clients", text);
            // What failover cost is told between them when it was long enough to be noticed, as in a process that has just started.
            Assert.Matches("\nattempts: 4, of these 2 failed.*; first byte p", text);
            Assert.Contains("\nmost failed attempts: mail/primary, 2\n", text);
            Assert.Matches(@"\n  primary: 2 of 2 attempts failed", text);
            Assert.Matches(@"^1 service: 1 ready; 2 active, .* clients/s, 0 failed\nService .*\nmail +ready +2/2 +- +2 ",
                await bed.DoAsync("status --brief"));
        }
    }

    [Fact]
    public async Task Watch_Redirected_IsABlockForEachSecondTellsOfAReloadAndEndsWithCtrlC()
    {
        await using OperatorBed bed = await OperatorBed.StartAsync();
        using ChildProcess watch = ChildProcess.Start(ProxyExecutable.FilePath,
            ["status", "--watch", "1", "--brief", "--socket", bed.Socket]);
        await watch.Output.WaitForLineAsync(IsHead, "the first block");
        await bed.DoAsync("reload");

        await watch.Output.WaitForLineAsync(l => l.Contains(" another configuration is in force (", StringComparison.Ordinal), "the news");
        await watch.Output.WaitForLineAsync(IsHead, "a block after it", after: watch.Output.Count);
        bed.Proxy.Child.Signal(UnixSignal.Terminate);
        await watch.Output.WaitForLineAsync(l => l.StartsWith("no answer, asking again: ", StringComparison.Ordinal), "the end is told");

        watch.Signal(UnixSignal.Interrupt);
        Assert.Equal(0, await watch.WaitForExitAsync());
        Assert.DoesNotContain(watch.Output.Snapshot(), line => line.Contains('\e', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3601")]
    [InlineData("1.5")]
    [InlineData("x")]
    public async Task Watch_NoSeconds_IsAnError(string seconds)
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["status", "--watch", seconds, "--socket", "/none"]);

        Assert.Contains($"--watch is \"{seconds}\", expected seconds from 1 to 3600", result.Error);
        Assert.NotEqual(0, result.ExitCode);
    }

    private static bool IsHead(string line) => line.Contains(", each 1 s, Ctrl+C ends it", StringComparison.Ordinal);

    private static async Task<string> UntilAsync(OperatorBed bed, string line, string text)
    {
        string output = "";
        await Eventually.HoldsAsync(async () => (output = await bed.DoAsync(line)).Contains(text, StringComparison.Ordinal),
            string.Create(CultureInfo.InvariantCulture, $"{line} says: {text}"), detail: () => output);
        return output;
    }
}
