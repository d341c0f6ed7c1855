using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Tests.Resolution;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>
/// Those who hear of checks have a defect: checks continue, what follows from them is in force, and a reload comes to its end.
/// </summary>
public sealed class HealthDefectTests : IAsyncDisposable
{
    private readonly CountingTimeProvider _time = new();
    private readonly ThrowingHealthObserver _observer = new();
    private readonly BackgroundWork _background = new();
    private readonly List<FakeProbe> _probes = [];
    private readonly ProxyConfiguration _configuration = Checked.Services(AllDownSetting.TryInOrder,
        c => c with { ResetOnDown = true }, "a");
    private readonly ServiceComposer _composer;
    private readonly HealthMonitor _monitor;

    public HealthDefectTests()
    {
        _composer = new ServiceComposer(_configuration);
        _monitor = new HealthMonitor(_composer, _ =>
        {
            FakeProbe probe = new(_time);
            _probes.Add(probe);
            return probe;
        }, (_, _) => throw new InvalidOperationException("a defect of the one who resets"), _observer, _time, _background);
    }

    public ValueTask DisposeAsync() => _monitor.DisposeAsync();

    [Fact]
    public async Task Observer_ThrowsAtEachCheck_ChecksGoOnAndItIsCounted()
    {
        await _monitor.ReconcileAsync();
        await Eventually.HoldsAsync(() => _time.Waits(Checked.Interval) == 1, "the first check is over");

        _probes[0].IsGood = false;
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => _time.Waits(Checked.Interval) == 2, "the second check is over");
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => _probes[0].Starts.Count == 3, "the third check");

        Assert.Equal(HealthState.Down, _composer.Services[0].Upstreams[0].Health.State);
        BackgroundFaults faults = Assert.Single(_background.Faults);
        // Two of checks or more, one of "none up", one of the reset.
        Assert.True(faults.Count >= 4, $"{faults.Count} counted");
        Assert.IsType<InvalidOperationException>(faults.Last);
    }

    [Fact]
    public async Task Observer_Throws_ReloadComesToItsEnd()
    {
        await _monitor.ReconcileAsync();
        await Eventually.HoldsAsync(() => _observer.Calls > 0, "the observer has thrown");

        ProxyConfiguration next = Checked.Services(AllDownSetting.TryInOrder, "b");
        _composer.Apply(_composer.Plan(next), OverrideSnapshot.Empty);
        await _monitor.ReconcileAsync().WaitAsync(Deadline.Patient);

        await Eventually.HoldsAsync(() => _composer.Services[0].Upstreams[0].Health.Checks == 1, "the new upstream is checked");
        Assert.True(_probes[0].IsDisposed);
    }
}
