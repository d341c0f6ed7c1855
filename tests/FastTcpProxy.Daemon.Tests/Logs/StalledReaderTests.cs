using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Metrics;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Logs;

/// <summary>A reader of standard output that is stopped (SIGSTOP), the real program. Each test owns its processes.</summary>
public sealed class StalledReaderTests
{
    /// <summary>More lines than a pipe of 64 KiB takes, so that the thread of the log waits for the reader.</summary>
    private const int Stalled = 400;

    [Theory]
    [InlineData("SIGHUP")]
    [InlineData("command")]
    public async Task Reload_ToAFile_TakesEffect_AndEverySessionIsWrittenOrCounted(string how)
    {
        await using LogBed bed = new();
        string first = bed.Folder["first"], pid = bed.Folder["pid"], pipe = bed.Folder["pipe"];
        bed.Configure("\"format\": \"json\"");
        ChildProcess proxy = await bed.StartAsync(
            $"mkfifo {pipe}; cat {pipe} >{first} & echo $! >{pid}; exec >{pipe}", ownMounts: false);
        string reader = (await File.ReadAllTextAsync(pid)).Trim();
        try
        {
            await SignalAsync(reader, "STOP");
            await bed.VisitAsync(Stalled);
            bed.Configure($"\"format\": \"json\", \"target\": \"file:{bed.FilePath}\"");

            if (how == "command") Assert.Equal(0, (await bed.RunAsync("reload")).ExitCode);
            else proxy.Signal(UnixSignal.Hangup);

            await proxy.Error.WaitForLineAsync(l => l.Contains(" 6110 ", StringComparison.Ordinal), "the reload has succeeded");
            await bed.VisitAsync(5);
            await Eventually.HoldsAsync(() => File.ReadAllLines(bed.FilePath).Length >= 5, "the file gets records");
            Assert.DoesNotContain(" 6225 ", proxy.Error.ToString(), StringComparison.Ordinal);
            await SignalAsync(reader, "CONT");
            await Eventually.EqualsAsync(Stalled + 5, () => CountAsync(bed, first), "each session is written or counted");
            await proxy.Error.WaitForLineAsync(l => l.Contains(
                ": standard output failed (it took no more, and another target was set)", StringComparison.Ordinal),
                "the loss is told with the next report of the counters");
        }
        finally
        {
            await SignalAsync(reader, "KILL");
        }
    }

    private static Task<ProcessResult> SignalAsync(string process, string signal) =>
        ChildProcess.RunAsync("/bin/kill", [$"-{signal}", process]);

    private static async Task<double> CountAsync(LogBed bed, string first)
    {
        PrometheusSamples page = new((await Curl.RunAsync(bed.AdminSocket, "/metrics")).Output + "\n");
        // The line at which the wait was ended may be there in part.
        int whole = new[] { first, bed.FilePath }.Sum(path => File.ReadAllLines(path).Count(l => l.EndsWith('}')));
        return whole + page["fasttcpproxy_log_records_lost_total{}"] + page["fasttcpproxy_log_records_dropped_total{service=mail}"];
    }
}
