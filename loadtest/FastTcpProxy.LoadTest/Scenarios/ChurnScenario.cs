using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>Short connections at a steady rate.</summary>
internal sealed class ChurnScenario : Scenario
{
    public override string Name => "churn";
    public override string Summary => "short connections at a steady rate: connect, 128 bytes there and back, close";
    public override int Rate => 2_000;

    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(1);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(Math.Max(1_000, options.Rate));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
        [new("all.errors", Max: 0), new("all.count", Min: options.Rate * options.Duration.TotalSeconds * 0.99), new("all.p50_ms", Max: 100),
            new("all.p99_ms", Max: 1_000)];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Churn(options));

    private sealed class Churn(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)]);
}
