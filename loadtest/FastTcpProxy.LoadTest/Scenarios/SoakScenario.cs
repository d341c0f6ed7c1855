using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>A mix of what clients do, for long, while the proxy is disturbed in turns: nothing is lost, and nothing may grow.</summary>
internal sealed class SoakScenario : Scenario
{
    public override string Name => "soak";
    public override string Summary => "short connections, downloads, long sessions and clients that leave, through reloads, upgrades, "
        + "killed upgrades and pauses: nothing is lost, memory and descriptors must not grow";
    public override int Rate => 300;
    public override TimeSpan Duration => TimeSpan.FromMinutes(10);

    /// <summary>Each kind of disturbance happens once, a second apart.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(10);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(Math.Max(1_000, options.Rate));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
    [
        new("all.errors", Max: 0), new("memory_growth_mib", Max: 48), new("descriptor_growth", Max: 60), new("session.soak.errors", Max: 0),
        new("session.soak.count", Min: 1),
        new("pauses_done", Min: 1),
        .. options.Proxy == ProxyKind.FastTcpProxy
            ? new Threshold[] { new("reloads_done", Min: 1), new("upgrades_done", Min: 1), new("upgrades_killed", Min: 1),
                new("earlier_processes_left", Max: 0) }
            : [],
    ];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new SoakStage(options));
}
