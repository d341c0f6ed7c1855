using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Tests.Overrides;
using FastTcpProxy.Control.Tests.Resolution;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>
/// Checks after a reload: what is known is kept, begun anew or forgotten. On a clock that the test moves and with probes that it answers.
/// </summary>
public sealed class HealthReconcileTests : IAsyncDisposable
{
    private readonly CountingTimeProvider _time = new();
    private readonly RecordingHealthObserver _observer = new();
    private readonly List<FakeProbe> _probes = [];
    private readonly ProxyConfiguration _configuration = Checked.Services(AllDownSetting.TryInOrder, "a", "b");
    private readonly ServiceComposer _composer;
    private readonly HealthMonitor _monitor;

    public HealthReconcileTests()
    {
        _composer = new ServiceComposer(_configuration);
        _monitor = new HealthMonitor(_composer, _ => MakeProbe(), (_, _) => { }, _observer, _time);
    }

    private string Served => string.Join(' ', _composer.Services[0].State.Definition.Upstreams.Select(u => u.Name));

    private bool NextIsGood { get; set; } = true;

    public async ValueTask DisposeAsync()
    {
        await _monitor.DisposeAsync();
        await _monitor.DisposeAsync();
        Assert.All(_probes, probe => Assert.True(probe.IsDisposed));
    }

    [Fact]
    public async Task Reconcile_NothingHasChanged_ChecksGoOnAsTheyWere()
    {
        await StartAsync();
        UpstreamHealth before = Of("a");

        await ReloadAsync(_configuration
            with { Services = [_configuration.Services[0] with { Settings = ServiceSettings.Default with { SessionsMax = 7 } }] });

        Assert.Equal(2, _probes.Count);
        Assert.Same(before, Of("a"));
    }

    /// <summary>Another process continues: what it is told holds before its first check, for the same check of the same server.</summary>
    [Theory]
    [InlineData("as it was", true)]
    [InlineData("other address", false)]
    [InlineData("other check", false)]
    [InlineData("other name", false)]
    public async Task Restore_VerdictsOfAnotherProcess_HoldForTheSameCheckOfTheSameServer(string what, bool holds)
    {
        NextIsGood = false;
        await StartAsync();
        UpstreamHealth before = Of("a");
        ProxyConfiguration next = what switch
        {
            "other address" => _configuration.With("a", u => u with { Address = u.Address with { Text = "203.0.113.9:26" } }),
            "other check" => _configuration.With("a",
                u => u with { HealthCheck = u.HealthCheck! with { Timeout = u.HealthCheck.Timeout + TimeSpan.FromMilliseconds(1) } }),
            "other name" => _configuration.With("a", u => u with { Name = "other" }),
            _ => _configuration,
        };
        ServiceComposer composer = new(next);
        FakeProbe probe = new(_time);
        probe.Hold();
        await using HealthMonitor monitor = new(composer, _ => probe, (_, _) => { }, new RecordingHealthObserver(), _time);
        System.Collections.Immutable.ImmutableArray<HealthVerdict> verdicts = [.. _monitor.Verdicts.Where(v => v.Upstream == "a")];
        Assert.Single(verdicts);

        Assert.Equal(holds ? 1 : 0, monitor.Restore(verdicts));

        // In force before anything is checked.
        ActiveUpstream upstream =
            composer.Services[0].Rotation.Places.First(p => p.Configuration.Name == (what == "other name" ? "other" : "a")).Upstream;
        Assert.Equal(!holds, composer.Services[0].Rotation.Places.Single(p => p.Upstream == upstream).IsServing);
        await monitor.ReconcileAsync();
        UpstreamHealth after = upstream.Health;
        Assert.Equal(holds ? HealthState.Down : HealthState.Initial, after.State);
        if (!holds) return;
        Assert.Equal((before.Since, before.Last!.At, before.Last.Decisive, before.Checks),
            (after.Since, after.Last!.At, after.Last.Decisive, after.Checks));
    }

    [Fact]
    public async Task Reconcile_OtherInterval_KeepsWhatIsKnownAndChecksAtOnce()
    {
        NextIsGood = false;
        await StartAsync();
        UpstreamHealth before = Of("a");
        Assert.Equal(HealthState.Down, before.State);

        await ReloadAsync(
            _configuration.With("a", u => u with { HealthCheck = u.HealthCheck! with { Interval = TimeSpan.FromSeconds(1) } }));

        Assert.Equal(HealthState.Down, Of("a").State);
        Assert.Equal(before.Since, Of("a").Since);
        Assert.True(_probes[0].IsDisposed);
        await Eventually.HoldsAsync(() => Of("a").Checks == 2, "it is checked at once in the new way");
        Assert.Equal(3, _probes.Count);
    }

    [Fact]
    public async Task Reconcile_OtherAddress_BeginsAnew()
    {
        NextIsGood = false;
        await StartAsync();
        NextIsGood = true;

        await ReloadAsync(_configuration.With("a", u => u with { Address = Overridden.Address("192.0.2.99:1") }));

        Assert.NotEqual(HealthState.Down, Of("a").State);
        Assert.Equal("a", Served);
        await Eventually.HoldsAsync(() => Of("a") is { State: HealthState.Up, Checks: 1, Transitions: 0 },
            "the first check of the other server");
    }

    [Fact]
    public async Task Reconcile_UpstreamOrServiceGone_ItsChecksEnd()
    {
        await StartAsync();
        ActiveUpstream gone = _composer.Services[0].Upstreams[1];
        ServiceConfiguration service = _configuration.Services[0];

        await ReloadAsync(_configuration with { Services = [service with { Upstreams = [service.Upstreams[0]] }] });
        Assert.Equal((false, true), (_probes[0].IsDisposed, _probes[1].IsDisposed));

        await ReloadAsync(_configuration with { Services = [service with { Name = "other" }] });
        Assert.True(_probes[0].IsDisposed);
    }

    /// <summary>The result of a check that was under way must not outlive the check: no one would put the upstream back.</summary>
    [Fact]
    public async Task Reconcile_CheckGoneWhileItFinishes_UpstreamServes()
    {
        await StartAsync();
        _probes[0].Hold();
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => _probes[0].Starts.Count == 2, "a check is under way");
        ProxyConfiguration plain = _configuration.With("a", u => u with { HealthCheck = null });
        _composer.Apply(_composer.Plan(plain), OverrideSnapshot.Empty);
        _probes[0].IsGood = false;
        _probes[0].LetGo();
        await Eventually.HoldsAsync(() => _time.AllWaits == 5, "the check has ended, and the next one is waited for");
        Assert.Equal("a b", Served);

        await _monitor.ReconcileAsync();

        Assert.Equal("a b", Served);
        Assert.Same(UpstreamHealth.Unchecked, Of("a"));
        Assert.True(_probes[0].IsDisposed);
    }

    /// <summary>
    /// A reload is in force a moment before the monitor follows. A check that begins in between asks what was configured before.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reconcile_OldCheckBeginsAfterTheReload_ItsResultIsDropped(bool isStillChecked)
    {
        await StartAsync();
        _composer.Apply(_composer.Plan(_configuration.With("a", u => isStillChecked
            ? u with { Address = Overridden.Address("192.0.2.99:1") }
            : u with { HealthCheck = null })), OverrideSnapshot.Empty);
        UpstreamHealth unknown = Of("a");
        _probes[0].IsGood = false;
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => _time.AllWaits == 5, "the check has ended, and the next one is waited for");

        Assert.Same(unknown, Of("a"));
        Assert.Equal("a b", Served);
    }

    [Fact]
    public async Task Reconcile_ConfigurationTakesTheLastHealthyOneOut_AllDownIsSaid_AndWhenItIsBackToo()
    {
        await StartAsync();
        _probes[0].IsGood = false;
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => Of("a").State == HealthState.Down, "a is down");
        Assert.DoesNotContain(_observer.Events, e => e.StartsWith("s none up", StringComparison.Ordinal));

        await ReloadAsync(_configuration.With("b", u => u with { Enabled = false }));
        Assert.Single(_observer.Events, "s none up: 1 down, 1 disabled");
        Assert.Equal("a", Served);
        await ReloadAsync(_configuration);

        Assert.Single(_observer.Events, "s one up: 1 up, 1 down");
        Assert.Equal("b", Served);
    }

    [Fact]
    public async Task AllDown_TheLastEnabledOneIsDisabledToo_IsNoRecovery()
    {
        await StartAsync();
        foreach (FakeProbe probe in _probes) probe.IsGood = false;
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => _observer.Events.Contains("s none up: 2 down"), "all are down");

        OverrideSnapshot disabled = new[] { "a", "b" }.Aggregate(OverrideSnapshot.Empty,
            (set, name) => set.With(new UpstreamOverride("s", name, OverrideState.Disabled, "", "root")));
        _composer.SetOverrides(disabled);
        await _monitor.ReconcileAsync();
        Assert.DoesNotContain(_observer.Events, e => e.StartsWith("s one up", StringComparison.Ordinal));
        _composer.SetOverrides(OverrideSnapshot.Empty);
        await _monitor.ReconcileAsync();

        Assert.Single(_observer.Events, e => e.StartsWith("s none up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Overrides_TheLastEnabledOneIsDisabled_NoneUpIsSaid_AndWhenOneIsBackToo()
    {
        await StartAsync();
        OverrideSnapshot one = OverrideSnapshot.Empty.With(new UpstreamOverride("s", "a", OverrideState.Disabled, "", "root"));

        _composer.SetOverrides(one);
        Assert.DoesNotContain(_observer.Events, e => e.StartsWith("s none up", StringComparison.Ordinal));
        _composer.SetOverrides(one.With(new UpstreamOverride("s", "b", OverrideState.Draining, "", "root")));
        Assert.Single(_observer.Events, "s none up: 1 disabled, 1 draining");
        _composer.SetOverrides(one);

        Assert.Single(_observer.Events, "s one up: 1 up, 1 disabled");
    }

    [Fact]
    public async Task Names_TheLastEnabledOneHasNoAddress_NoneUpIsSaid_AndWhenItHasOneToo()
    {
        await StartAsync();
        await ReloadAsync(_configuration.With("a", u => u with { Address = Overridden.Address("a.test:1") })
            .With("b", u => u with { Enabled = false }));
        Assert.Single(_observer.Events, "s none up: 1 disabled, 1 without an address");

        _composer.SetAddresses("a.test", [System.Net.IPAddress.Loopback]);

        Assert.Single(_observer.Events, "s one up: 1 up, 1 disabled");
    }

    private UpstreamHealth Of(string name) => _composer.Services[0].Upstreams.Single(u => u.Name == name).Health;

    private async Task ReloadAsync(ProxyConfiguration next)
    {
        _composer.Apply(_composer.Plan(next), OverrideSnapshot.Empty);
        await _monitor.ReconcileAsync();
    }

    private FakeProbe MakeProbe()
    {
        FakeProbe probe = new(_time) { IsGood = NextIsGood };
        _probes.Add(probe);
        return probe;
    }

    /// <summary>The first check of both.</summary>
    private async Task StartAsync()
    {
        await _monitor.ReconcileAsync();
        await Eventually.HoldsAsync(() => _observer.Checks == 1 && _time.AllWaits == 2, "the first check, and both wait");
        _time.Advance(HealthMonitor.Apart);
        await Eventually.HoldsAsync(() => _observer.Checks == 2 && _time.AllWaits == 3, "the second, and both wait");
    }
}
