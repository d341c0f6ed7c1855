using System.Globalization;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Either process killed at any moment of a take-over, or held in it, while clients come without a pause. Real processes. As many kills as
/// FASTTCPPROXY_KILLS says, without it a few. A failure names the seed of their moments, which FASTTCPPROXY_KILL_SEED in the environment
/// gives again.
/// </summary>
public sealed class TakeOverKillTests(ITestOutputHelper output)
{
    private readonly int _seed = Read("FASTTCPPROXY_KILL_SEED") ?? Random.Shared.Next();

    private static int Kills => Read("FASTTCPPROXY_KILLS") ?? 5;

    [Fact]
    public async Task NewProcess_KilledAtAnyMoment_OldOneServesWithoutAMomentBetween()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        Random moments = Moments();
        ChildProcess old = await bed.StartAsync();
        await using Visitors visitors = new(bed.Listen);
        int taken = 0;
        for (int i = 0; i < Kills; i++)
        {
            await bed.AwaitsNextAsync();
            long lines = old.Error.Count;
            ChildProcess next = bed.Launch("--take-over");
            await old.Error.WaitForLineAsync(l => l.Contains(" 7000 ", StringComparison.Ordinal), "it is asked", after: lines);
            // Nothing is waited for: the moment of the kill is what the seed chooses.
            await Task.Delay(moments.Next(0, 600));
            next.Signal(UnixSignal.Kill);
            string end = await old.Error.WaitForLineAsync(l => l.Contains(" 7002 ", StringComparison.Ordinal)
                || l.Contains(" 7004 ", StringComparison.Ordinal), "it is decided", after: lines);
            if (end.Contains(" 7004 ", StringComparison.Ordinal))
            {
                // It had confirmed, and was the one that served: its end is that of any process.
                taken++;
                await Eventually.HoldsAsync(() => next.HasExited, "the killed one has ended");
                int without = visitors.Refused;
                old = await bed.StartAsync("--take-over");
                await visitors.AreServedAsync("by a new one");
                output.WriteLine($"kill {i} came after the take-over; {visitors.Refused - without} refused");
                continue;
            }
            int refused = visitors.Refused;
            await visitors.AreServedAsync($"after kill {i}");
            Assert.True(refused == visitors.Refused && visitors.Silent == 0 && !old.HasExited, $"kill {i}: {visitors}");
        }
        output.WriteLine($"{Kills} kills, {taken} after the take-over; {visitors}");
        Assert.Equal(0, taken == 0 ? visitors.Refused : 0);
    }

    [Fact]
    public async Task OldProcess_KilledAtAnyMoment_NewOneServes()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        Random moments = Moments();
        ChildProcess now = await bed.StartAsync();
        await using Visitors visitors = new(bed.Listen);
        for (int i = 0; i < Kills; i++)
        {
            await bed.AwaitsNextAsync();
            long lines = now.Error.Count;
            int refused = visitors.Refused;
            ChildProcess next = bed.Launch("--take-over");
            await now.Error.WaitForLineAsync(l => l.Contains(" 7000 ", StringComparison.Ordinal), "it is asked", after: lines);
            // As above: the moment is what the seed chooses.
            await Task.Delay(moments.Next(0, 600));
            now.Signal(UnixSignal.Kill);
            await next.Error.WaitForLineAsync(l => l.Contains(" 7005 ", StringComparison.Ordinal)
                || l.Contains(" 7007 ", StringComparison.Ordinal), $"it serves after kill {i}");
            await visitors.AreServedAsync($"after kill {i}");
            bool hadNoSockets = next.Error.Snapshot().Any(l => l.Contains(" 7007 ", StringComparison.Ordinal));
            Assert.True((hadNoSockets || refused == visitors.Refused) && visitors.Silent == 0, $"kill {i}: {visitors}");
            now = next;
        }
        output.WriteLine($"{Kills} kills; {visitors}");
    }

    /// <summary>
    /// Held after the old one has stopped accepting, until that one has taken its listeners back: it must not serve beside it, nor end the
    /// other's sockets.
    /// </summary>
    [Fact]
    public async Task NewProcess_HeldAfterTheRelease_OldOneTakesBackAndNobodyIsLost()
    {
        Strace.SkipUnlessUsable();
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        await bed.AwaitsNextAsync();
        await using Visitors visitors = new(bed.Listen);

        ChildProcess next = bed.Launch(
            Strace.Command("sendmsg", "signal=STOP", 2, ProxyExecutable.FilePath, "run", "--config", bed.ConfigurationPath, "--take-over"),
            new Dictionary<string, string?>());
        await old.Error.WaitForLineAsync(l => l.Contains(" 7002 ", StringComparison.Ordinal), "it takes back");
        // Clients of its own: the held process may have accepted both visitors, and nothing but that process can answer them.
        for (int i = 0; i < 4; i++) await bed.VisitAsync();
        next.Signal(UnixSignal.Continue);

        Assert.Equal(1, await next.WaitForExitAsync());
        Assert.Contains(next.Error.Snapshot(), l => l.Contains(" error 7006 ", StringComparison.Ordinal));
        await visitors.AreServedAsync("when the new one has ended");
        Assert.True(visitors is { Refused: 0, Silent: 0, Cut: 0 }, visitors.ToString());
        Assert.False(old.HasExited);
        await bed.FollowAsync(old);
    }

    /// <summary>Held for longer than any bound of the new one, which serves meanwhile and does not end.</summary>
    [Fact]
    public async Task OldProcess_HeldBeforeItsAnswer_NewOneServesAndWaits()
    {
        Strace.SkipUnlessUsable();
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        await bed.AwaitsNextAsync();
        // At its first answer.
        using ChildProcess strace = await Strace.AttachAsync(old.Id, "sendmsg", "signal=STOP", 3);

        ChildProcess next = bed.Launch("--take-over");
        try
        {
            await next.Error.WaitForLineAsync(l => l.Contains(" 7010 ", StringComparison.Ordinal), "the new one says that it waits");
            for (int i = 0; i < 5; i++) await bed.VisitAsync();
            Assert.False(next.HasExited);
        }
        finally
        {
            old.Signal(UnixSignal.Continue);
        }

        await next.Error.WaitForLineAsync(l => l.Contains(" 7005 ", StringComparison.Ordinal), "it has taken over");
        Assert.Equal(0, await old.WaitForExitAsync());
        await bed.VisitAsync();
    }

    /// <summary>The kills' delays. What is written here is shown with a failure.</summary>
    private Random Moments()
    {
        output.WriteLine($"FASTTCPPROXY_KILL_SEED={_seed}");
        return new Random(_seed);
    }

    private static int? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
