using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>The primary is silent, and the proxy is told to avoid the wait: what the first clients pay, and what all others do.</summary>
internal sealed class HedgedScenario : Scenario
{
    /// <summary>Of the duration: before the silence, and the silence.</summary>
    private const double HealthyPart = 0.2, SilentPart = 0.6;

    /// <summary>The first clients of the silence find it out.</summary>
    private static readonly TimeSpan FirstSecond = TimeSpan.FromSeconds(1);

    public override string Name => "hedged";
    public override string Summary =>
        "the primary is silent, and the proxy is told to avoid the wait (hedge, suspect): the first second, and the rest";
    public override int Rate => 300;
    public override TimeSpan Duration => TimeSpan.FromSeconds(100);
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(10);

    public override Needs NeedsOf(LoadOptions options) =>
        Needs.ForConnections((int)(options.Rate * (options.ConnectTimeout.TotalSeconds + 2)));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options)
    {
        List<Threshold> thresholds =
        [
            new("all.errors", Max: 0), new("first_second.p99_ms", Max: 300), new("silent.p99_ms", Max: 100), new("back.p99_ms", Max: 250),
            new("accepted_in_vain", Max: 0),
        ];
        if (options.Proxy == ProxyKind.FastTcpProxy)
            thresholds.AddRange([new("silent.over_300_ms_percent", Max: 0.3), new("silent.extra_connects_percent", Max: 1),
                new("healthy.extra_connects_percent", Max: 0.5), new("suspected", Min: 1)]);
        return thresholds;
    }

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Hedged(options));

    private sealed class Hedged(LoadOptions options) : WaitStage(options)
    {
        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Note($"silent: {A.SilentMeans}");
            await PhaseAsync(record, "healthy", HealthyPart * Options.Duration, arrivalsEnded);
            await A.SetAsync(BackendMode.Silent);
            await PhaseAsync(record, "first_second", FirstSecond, arrivalsEnded);
            await PhaseAsync(record, "silent", SilentPart * Options.Duration - FirstSecond, arrivalsEnded);
            await A.SetAsync(BackendMode.Up);
            await PhaseAsync(record, "back", TimeSpan.Zero, arrivalsEnded);
            await EndAsync(record, arrivalsEnded);
            record.Figure("suspected", await MetricAsync("fasttcpproxy_upstream_suspected_total", "upstream=\"a\""), "times");
        }
    }
}
