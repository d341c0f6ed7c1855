using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health;

/// <content>What the tests are given, and a round of checks.</content>
public sealed partial class HealthMonitorTests
{
    private int Begun => _probes.Count(p => !p.Starts.IsEmpty);

    private void Given(Func<HealthCheckConfiguration, HealthCheckConfiguration> change, int count) =>
        Given(change, [.. Enumerable.Range(0, count).Select(i => $"u{i}")]);

    private void Given(Func<HealthCheckConfiguration, HealthCheckConfiguration> change, params string[] names)
    {
        _composer = new ServiceComposer(Checked.Services(AllDownSetting.TryInOrder, change, names));
        _probes.AddRange(names.Select(_ => new FakeProbe(_time)));
        Queue<FakeProbe> ready = new(_probes);
        _monitor = new HealthMonitor(_composer, _ => ready.TryDequeue(out FakeProbe? probe) ? probe : MakeProbe(),
            (service, name) => _resets.Add($"{service.Name}/{name}"), _observer, _time);
    }

    private FakeProbe MakeProbe()
    {
        FakeProbe probe = new(_time);
        _probes.Add(probe);
        return probe;
    }

    /// <summary>The first checks of all upstreams.</summary>
    private async Task StartAsync()
    {
        await _monitor!.ReconcileAsync();
        for (int i = 0; i < _probes.Count; i++)
        {
            await Eventually.HoldsAsync(() => _observer.Checks == i + 1, "the first checks");
            // One that comes to its wait after the clock has moved would not wait at all, and the rounds count the waits.
            await Eventually.HoldsAsync(() => _time.AllWaits == _probes.Count - 1 + i + 1, "each waits for its first check, or its next");
            if (i + 1 < _probes.Count) _time.Advance(HealthMonitor.Apart);
        }
    }

    /// <summary>One more check of each upstream.</summary>
    private async Task RoundAsync()
    {
        int before = _observer.Checks;
        // Each but the first waited for its first check, and each waits after every check.
        await Eventually.HoldsAsync(() => _time.AllWaits == _probes.Count - 1 + before, "all upstreams wait for their next check");
        _time.Advance(Checked.Interval);
        await Eventually.HoldsAsync(() => _observer.Checks == before + _probes.Count, "a check of each upstream");
    }
}
