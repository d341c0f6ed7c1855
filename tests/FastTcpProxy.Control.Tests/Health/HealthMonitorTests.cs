using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Tests.Resolution;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>When checks start, and what follows from them, on a clock that the test moves and with probes that it answers.</summary>
public sealed partial class HealthMonitorTests : IAsyncDisposable
{
    private readonly CountingTimeProvider _time = new();
    private readonly RecordingHealthObserver _observer = new();
    private readonly List<FakeProbe> _probes = [];
    private readonly List<string> _resets = [];
    private ServiceComposer _composer = null!;
    private HealthMonitor? _monitor;

    private ActiveService Service => _composer.Services[0];

    private string Served => string.Join(' ', Service.State.Definition.Upstreams.Select(u => u.Name));

    public async ValueTask DisposeAsync()
    {
        if (_monitor is not null) await _monitor.DisposeAsync();
        Assert.All(_probes, probe => Assert.True(probe.IsDisposed));
    }

    [Fact]
    public async Task Bad_LeavesAtItsFirstFailedCheck_GoodIsBackInItsPlace()
    {
        Given(c => c, "a", "b");
        _probes[0].Enqueue(true, false, true);
        await StartAsync();
        Assert.Equal("a b", Served);

        await RoundAsync();
        Assert.Equal("b", Served);
        Assert.Equal((HealthState.Down, "status 503"),
            (Service.Upstreams[0].Health.State, Service.Upstreams[0].Health.Last!.Decisive.Text));

        await RoundAsync();
        Assert.Equal("a b", Served);
        Assert.Equal(
            ["s/a Initial -> Up: status 200", "s/b Initial -> Up: status 200", "s/a Up -> Down: status 503", "s/a Down -> Up: status 200"],
            _observer.Events);
        Assert.Empty(_resets);
    }

    [Fact]
    public async Task Unknown_UpStaysUpAndDownStaysDown()
    {
        Given(c => c with { ResetOnDown = true, Probes = c.Probes with { Failures = 2 } }, "a", "b");
        _probes[1].IsGood = false;
        await StartAsync();
        Assert.Equal("a", Served);
        _probes[0].Lack = _probes[1].Lack = ProbeFailure.NoDescriptor;
        int before = _probes[0].Starts.Count;
        await RoundAsync();
        await RoundAsync();

        Assert.Equal("a", Served);
        // That it was down from the start.
        Assert.Equal(["s/b"], _resets);
        Assert.Equal((HealthState.Up, "nothing left"),
            (Service.Upstreams[0].Health.State, Service.Upstreams[0].Health.Latest!.Decisive.Text));
        Assert.Equal(HealthState.Down, Service.Upstreams[1].Health.State);
        // One probe each: what is missing here is missing for the next one too.
        Assert.Equal(before + 2, _probes[0].Starts.Count);
        _probes[0].Lack = _probes[1].Lack = null;
        _probes[1].IsGood = true;
        await RoundAsync();
        Assert.Equal("a b", Served);
    }

    [Fact]
    public async Task Out_IsCheckedInEveryRound()
    {
        Given(c => c, "a");
        _probes[0].IsGood = false;
        await StartAsync();
        for (int i = 0; i < 5; i++) await RoundAsync();

        Assert.Equal(6, _probes[0].Starts.Count);
        Assert.Equal(6, Service.Upstreams[0].Health.Checks);
    }

    [Fact]
    public async Task AllDown_IsSaidOnceAndSoIsTheFirstThatIsBack()
    {
        Given(c => c, "a", "b");
        await StartAsync();
        _probes[0].IsGood = false;
        _probes[1].IsGood = false;
        await RoundAsync();
        await RoundAsync();
        Assert.Equal("a b", Served);
        Assert.Single(_observer.Events, "s none up: 2 down");
        // What follows from a check is said after the check.
        Assert.Equal("s none up: 2 down", _observer.Events.Last());

        _probes[1].IsGood = true;
        await RoundAsync();
        Assert.Equal("b", Served);
        Assert.Equal(["s/b Down -> Up: status 200", "s one up: 1 up, 1 down"], _observer.Events.TakeLast(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnDown_Reset_IsAskedForOnceForEachTimeItGoesDown(bool reset)
    {
        Given(c => c with { ResetOnDown = reset }, "a", "b");
        await StartAsync();
        _probes[0].Enqueue(false, false, true, false);
        for (int i = 0; i < 4; i++) await RoundAsync();

        Assert.Equal(reset ? ["s/a", "s/a"] : [], _resets);
    }

    [Fact]
    public async Task Probes_FollowEachOtherAfterTheDelayUntilOneSideHasEnough()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(300);
        Given(c => c with { Probes = new ProbeRule(2, 2, delay) }, "a");
        _probes[0].Enqueue(true, false, false);
        await _monitor!.ReconcileAsync();
        for (int probe = 1; probe <= 2; probe++)
        {
            await Eventually.HoldsAsync(() => _time.Waits(delay) == probe, "the check waits for its next probe");
            Assert.Equal(probe, _probes[0].Starts.Count);
            Assert.Equal(HealthState.Initial, Service.Upstreams[0].Health.State);
            _time.Advance(delay);
        }
        await Eventually.HoldsAsync(() => _observer.Checks == 1, "the check is over");

        CheckResult result = Service.Upstreams[0].Health.Last!;
        Assert.Equal([true, false, false], result.Probes.Select(p => p.IsGood));
        Assert.Equal((false, 2 * delay), (result.IsGood, result.Duration));
    }

    [Fact]
    public async Task Rounds_OfOneUpstreamDoNotOverlap_AndStayOnTheirGrid()
    {
        Given(c => c, "a");
        _probes[0].Hold();
        await _monitor!.ReconcileAsync();
        await Eventually.HoldsAsync(() => _probes[0].Starts.Count == 1, "the first check is under way");
        DateTimeOffset start = _time.GetUtcNow();

        _time.Advance(2.5 * Checked.Interval);
        Assert.Single(_probes[0].Starts);
        _probes[0].LetGo();
        await Eventually.HoldsAsync(() => _time.Waits(0.5 * Checked.Interval) == 1, "the upstream waits for its next start");
        Assert.Equal(start + 3 * Checked.Interval, Service.Upstreams[0].Health.NextCheck);
        // The next one takes some time too.
        _probes[0].Hold();
        _time.Advance(0.5 * Checked.Interval);
        await Eventually.HoldsAsync(() => _probes[0].Starts.Count == 2, "the second check is under way");
        _time.Advance(0.25 * Checked.Interval);
        _probes[0].LetGo();
        await Eventually.HoldsAsync(() => _time.Waits(0.75 * Checked.Interval) == 1, "the upstream waits for its third start");
        _time.Advance(0.75 * Checked.Interval);
        await Eventually.HoldsAsync(() => _observer.Checks == 3, "the third check is over");

        Assert.Equal([start, start + 3 * Checked.Interval, start + 4 * Checked.Interval], _probes[0].Starts);
        Assert.Equal(1, _probes[0].UnderWayMax);
    }

    /// <summary>The starts of the first and the last upstream, and how many start together at most.</summary>
    [Theory]
    [InlineData(1, 15_000, 0, 1)]
    [InlineData(200, 15_000, 3_980, 1)]
    [InlineData(750, 15_000, 14_980, 1)]
    [InlineData(1_500, 15_000, 14_980, 2)]
    [InlineData(200, 1_000, 980, 4)]
    [InlineData(1_000, 1_000, 980, 20)]
    [InlineData(3, 10, 0, 3)]
    public void Starts_AreSpread(int count, int intervalMs, int lastMs, int together)
    {
        TimeSpan[] starts =
            [.. Enumerable.Range(0, count).Select(i => HealthMonitor.StartAfter(i, count, TimeSpan.FromMilliseconds(intervalMs)))];

        Assert.Equal(TimeSpan.Zero, starts[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(lastMs), starts[^1]);
        Assert.Equal(together, starts.GroupBy(s => s).Max(g => g.Count()));
    }

    [Fact]
    public async Task TwoHundred_AreFirstCheckedOneAfterAnother()
    {
        Given(c => c, 200);
        DateTimeOffset start = _time.GetUtcNow();
        await _monitor!.ReconcileAsync();
        await Eventually.HoldsAsync(() => _time.AllWaits == 200, "one is checked and waits for its next check, the others for their start");
        for (int i = 0; i < 200; i++)
        {
            await Eventually.HoldsAsync(() => Begun == i + 1, $"upstream {i} is checked");
            Assert.Equal(start + i * HealthMonitor.Apart, _probes[i].Starts.First());
            _time.Advance(HealthMonitor.Apart);
        }
    }

    [Fact]
    public async Task ManyUnderWay_AreBounded()
    {
        // Long enough for all of them to start one by one.
        TimeSpan interval = (HealthMonitor.ProbesMax + 10) * HealthMonitor.Apart;
        Given(c => c with { Interval = interval }, HealthMonitor.ProbesMax + 10);
        foreach (FakeProbe probe in _probes) probe.Hold();
        await _monitor!.ReconcileAsync();
        await Eventually.HoldsAsync(() => _time.AllWaits == _probes.Count - 1, "all but the first wait for their start");
        _time.Advance(interval);
        await Eventually.HoldsAsync(() => Begun == HealthMonitor.ProbesMax, "as many as may be are under way");
        Assert.Equal(HealthMonitor.ProbesMax, Begun);

        foreach (FakeProbe probe in _probes) probe.LetGo();
        await Eventually.HoldsAsync(() => _observer.Checks >= _probes.Count, "the others had their turn");
    }

    [Fact]
    public async Task Defect_OfAProbe_IsABadProbeAndChecksGoOn()
    {
        Given(c => c, "a");
        _probes[0].Defect = new InvalidOperationException("a defect");
        await StartAsync();
        Assert.Equal((ProbeFailure.Fault, "defect: InvalidOperationException"),
            (Service.Upstreams[0].Health.Last!.Decisive.Failure, Service.Upstreams[0].Health.Last!.Decisive.Text));

        _probes[0].Defect = null;
        await RoundAsync();
        Assert.Equal(HealthState.Up, Service.Upstreams[0].Health.State);
    }

    [Fact]
    public async Task Stop_InTheMiddleOfACheck_EndsIt()
    {
        Given(c => c, "a");
        _probes[0].Hold();
        await _monitor!.ReconcileAsync();
        await Eventually.HoldsAsync(() => Begun == 1, "the check is under way");

        await _monitor.DisposeAsync().AsTask().WaitAsync(Deadline.Patient);
        Assert.Equal(0, _observer.Checks);
    }

    [Fact]
    public async Task Checks_ThatEnd_AreCountedByResult()
    {
        Given(c => c, "a", "b");
        MetricsRegistry registry = MetricsRegistry.Small();
        foreach (ActiveService service in _composer!.Services) service.State.CountIn(registry);
        _probes[0].Enqueue(true, false);
        await StartAsync();
        await RoundAsync();

        ImmutableArray<UpstreamMetrics> counted = registry.Read().Services.Single().Upstreams;
        Assert.Equal(["a", "b"], counted.Select(u => u.Name));
        Assert.Equal([(1L, 1L, 0L, 1L), (2L, 0L, 0L, 0L)],
            counted.Select(u => (u.Checks.Good, u.Checks.Bad, u.Checks.Unknown, u.Checks.Transitions)));
        Assert.Equal([2L, 2L], counted.Select(u => u.Checks.Duration.Count));
    }
}
