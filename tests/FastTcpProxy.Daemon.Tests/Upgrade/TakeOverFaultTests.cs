using System.Globalization;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Faults;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Every system call of a take-over, of either process, killed, failed or delayed, while clients come without a pause: whatever happens,
/// someone serves. Real processes. One case of <see cref="Part"/> runs; with FASTTCPPROXY_FAULTS=all each of them.
/// </summary>
public sealed class TakeOverFaultTests(ITestOutputHelper output)
{
    private const int Part = 13;

    /// <summary>Those of the old process's thread, which is traced alone.</summary>
    private static IEnumerable<(string Call, string Fault, int Time)> OldFaults =>
        from call in (string[])["sendmsg", "recvmsg", "poll", "fcntl", "getsockopt", "pidfd_open", "close", "unlink", "accept4"]
        from time in Enumerable.Range(1, call is "sendmsg" or "recvmsg" ? 6 : 3)
        from fault in (string[])["signal=KILL", call == "fcntl" ? "error=EMFILE" : "error=EIO", "delay_enter=200ms"]
        select (call, fault, time);

    /// <summary>
    /// Those of the new process, which makes these calls for nothing else until it has taken over. Then it serves the administrative
    /// interface with them, and is let go before.
    /// </summary>
    private static IEnumerable<(string Call, string Fault, int Time)> NewFaults =>
        from call in (string[])["sendmsg", "recvmsg", "pidfd_open"]
        from time in Enumerable.Range(1, call == "pidfd_open" ? 1 : 5)
        from fault in (string[])["signal=KILL", "error=EIO", "delay_enter=200ms"]
        select (call, fault, time);

    /// <summary>The old one may end at any call, and fail or be slow at any: the new one serves then, or the old one continues.</summary>
    [Fact]
    public async Task OldProcess_AnyCallOfItsThread_KilledFailedOrDelayed_SomebodyServes()
    {
        Strace.SkipUnlessUsable();
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess now = await bed.StartAsync();
        await using Visitors visitors = new(bed.Listen);
        int cases = 0;
        foreach ((string call, string fault, int time) in Choose(OldFaults, 0))
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"{call} {time} of the old process: {fault}");
            await AwaitsNextAsync(bed, now);
            int refused = visitors.Refused;
            using ChildProcess strace = await Strace.AttachAsync(now.Id, call, fault, time);

            ChildProcess next = bed.Launch("--take-over");
            now = await WhoServesAsync(bed, now, next, what);

            await visitors.AreServedAsync($"after {what}");
            // Only where it died with all the sockets, before the new one had them, was there a moment without.
            bool hadNoSockets = next.Error.Snapshot().Any(l => l.Contains(" 7007 ", StringComparison.Ordinal));
            if (!hadNoSockets) Assert.True(refused == visitors.Refused, $"{what}: {visitors}");
            Assert.True(visitors.Silent == 0, $"{what}: {visitors}");
            cases++;
        }
        output.WriteLine($"{cases} cases; {visitors}");
    }

    /// <summary>Whatever becomes of the new one, the old one lets go of nothing before that one has confirmed.</summary>
    [Fact]
    public async Task NewProcess_AnyCall_KilledFailedOrDelayed_SomebodyServes()
    {
        Strace.SkipUnlessUsable();
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess now = await bed.StartAsync();
        await using Visitors visitors = new(bed.Listen);
        int cases = 0;
        foreach ((string call, string fault, int time) in Choose(NewFaults, 1))
        {
            string what = string.Create(CultureInfo.InvariantCulture, $"{call} {time} of the new process: {fault}");
            await AwaitsNextAsync(bed, now);

            ChildProcess next = bed.Launch(Strace.Command(call, fault, time, ProxyExecutable.FilePath, "run", "--config",
                bed.ConfigurationPath, "--take-over"), new Dictionary<string, string?>());
            now = await WhoServesAsync(bed, now, next, what);

            await visitors.AreServedAsync($"after {what}");
            Assert.True(visitors is { Refused: 0, Silent: 0 }, $"{what}: {visitors}");
            cases++;
        }
        output.WriteLine($"{cases} cases; {visitors}");
    }

    private static IEnumerable<T> Choose<T>(IEnumerable<T> faults, int first) =>
        CallFault.RunsAll ? faults : faults.Where((_, i) => i % Part == first);

    /// <summary>Waits until one can take over from it.</summary>
    private static Task AwaitsNextAsync(UpgradeBed bed, ChildProcess now) =>
        Eventually.HoldsAsync(() => !now.HasExited && now.Error.Snapshot().Any(l => l.Contains(" 1002 ready", StringComparison.Ordinal))
        && UnixSocketFile.IsServed(TakeOverServer.PathFor(bed.AdminSocket)), "it waits for the next");

    /// <summary>
    /// Waits until it is decided, and holds that each process says the truth of it: the one that continues serves, and the other ends.
    /// </summary>
    private static async Task<ChildProcess> WhoServesAsync(UpgradeBed bed, ChildProcess old, ChildProcess next, string what)
    {
        string Both() => $"{what}\nold ({old.HasExited}):\n{old.Error.Tail(12)}\nnew ({next.HasExited}):\n{next.Error.Tail(12)}";
        await Eventually.HoldsAsync(() => next.HasExited || old.HasExited, "one of the two ends", detail: Both);
        ChildProcess serves = next.HasExited ? old : next;
        Assert.False(serves.HasExited, Both());
        if (serves == next)
        {
            await Eventually.HoldsAsync(() => next.Error.Snapshot().Any(l => l.Contains(" 7005 ", StringComparison.Ordinal)
                || l.Contains(" 7007 ", StringComparison.Ordinal)), "the new one says so", detail: Both);
            // The take-over is over. A fault would now meet the request below, and one that kills would leave no one.
            await Strace.LetGoAsync(next.Id);
        }
        // The interface answers throughout, and is bound anew where no one was there to give it.
        await serves.Error.WaitForLineAsync(l => l.Contains(" info 6000 ", StringComparison.Ordinal), $"its interface is served; {what}");
        Assert.True((await UpgradeBed.StatusAsync(bed.AdminSocket)).TryGetProperty("pid", out _), Both());
        return serves;
    }
}
