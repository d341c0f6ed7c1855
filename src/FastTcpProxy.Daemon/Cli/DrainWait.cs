using System.Diagnostics;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>Waits until an upstream that drains has no session any more. Used by the main thread.</summary>
internal static class DrainWait
{
    /// <summary>How often it asks: soon enough for people, and no load for a proxy.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    /// <returns>The exit code: 0 when there is none left, 3 when the time is over, 1 when the draining was cleared meanwhile.</returns>
    public static async Task<int> RunAsync(OverrideChange change, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        for (bool isFirst = true; ; isFirst = false)
        {
            if (await change.FindAsync() is not var (status, found))
                return AdminOperation.Fail(
                    $"{change.Name} is no longer in the configuration; fasttcpproxy sessions list shows its sessions");
            if (found.Override is not { State: "draining" })
                return AdminOperation.Fail($"{change.Name} no longer drains: {found.Why}");
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (found.Sessions == 0)
            {
                change.Operation.Say($"no session is left on it, after {TimeText.Milliseconds(elapsed.TotalMilliseconds)}");
                SayOfGenerations(status);
                return ExitCodes.Ok;
            }
            if (elapsed >= limit)
            {
                return AdminOperation.Fail(
                    $"{Counted.Of(found.Sessions, "session")} of {found.Name} left "
                    + $"after {ValueText.WriteDuration(limit)}; it continues to drain "
                    + $"(fasttcpproxy sessions list --service {change.Names.Service} --upstream {found.Name} shows "
                    + "them, sessions kill resets them)",
                    ExitCodes.NotReady);
            }
            if (isFirst) change.Operation.Say(
                $"waiting up to {ValueText.WriteDuration(limit)} for {Counted.Of(found.Sessions, "session")} to end");
            await Task.Delay(limit - elapsed < Every ? limit - elapsed : Every);
        }
    }

    /// <summary>
    /// An earlier process may still have sessions on the same upstream. An operator who is about to turn it off should know.
    /// </summary>
    private static void SayOfGenerations(StatusDocument status)
    {
        foreach (GenerationDocument generation in status.Generations.Where(g => g.Sessions > 0))
        {
            AdminOperation.Warn($"process {generation.Pid}, an earlier generation, "
                + $"still has {Counted.Of(generation.Sessions, "session")}, which may be on it "
                + $"(fasttcpproxy sessions list --generation {GenerationName.Of(generation.Socket, generation.Pid)})");
        }
    }
}
