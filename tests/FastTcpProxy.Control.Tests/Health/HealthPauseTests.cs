using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Tests.Resolution;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>The schedule of checks after the process was stopped: all of them are late at once.</summary>
public sealed class HealthPauseTests
{
    private const int Upstreams = 20;

    [Fact]
    public async Task Pause_AllChecksAreLate_EachWaitsForItsOwnMomentAgain()
    {
        CountingTimeProvider time = new();
        FakeProbe probe = new(time);
        RecordingHealthObserver observer = new();
        ServiceComposer composer =
            new(Checked.Services(AllDownSetting.TryInOrder, c => c, [.. Enumerable.Range(0, Upstreams).Select(i => $"u{i}")]));
        await using HealthMonitor monitor = new(composer, _ => probe, (_, _) => { }, observer, time);
        await monitor.ReconcileAsync();
        for (int i = 0; i < Upstreams; i++)
        {
            await Eventually.HoldsAsync(() => observer.Checks == i + 1 && time.AllWaits == Upstreams + i,
                "the first checks, and each waits for its next");
            if (i + 1 < Upstreams) time.Advance(HealthMonitor.Apart);
        }

        time.Advance((4 * Checked.Interval) + TimeSpan.FromSeconds(7));

        await Eventually.HoldsAsync(() => time.AllWaits == (3 * Upstreams) - 1, "all wait again");
        Assert.Equal(Upstreams, observer.Checks);
        DateTimeOffset[] next = [.. composer.Services[0].Upstreams.Select(u => u.Health.NextCheck!.Value)];
        Assert.Equal(Upstreams, next.Distinct().Count());
        Assert.All(next, at => Assert.InRange(at, time.GetUtcNow(), time.GetUtcNow() + Checked.Interval));

        // Late once more, they check: a process that is always late has checks too.
        time.Advance(2 * Checked.Interval);
        await Eventually.HoldsAsync(() => observer.Checks == 2 * Upstreams, "a check of each");
    }
}
