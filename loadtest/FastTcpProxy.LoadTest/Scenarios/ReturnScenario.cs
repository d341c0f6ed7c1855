using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>An operator takes the primary out and puts it back: how clients come back to it.</summary>
internal sealed class ReturnScenario : Scenario
{
    /// <summary>Of the duration.</summary>
    private const double HealthyPart = 0.2, OutPart = 0.2;

    private static readonly TimeSpan FirstSecond = TimeSpan.FromSeconds(1);

    public override string Name => "return";
    public override string Summary => "an operator takes the primary out and puts it back: what part of the clients it gets in the first "
        + "second, and how long they wait";
    public override int Rate => 1_200;
    public override TimeSpan Duration => TimeSpan.FromSeconds(60);
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(10);
    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(options.Rate * 2);

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options)
    {
        List<Threshold> thresholds = [new("all.errors", Max: 0), new("accepted_in_vain", Max: 0), new("first_second.p99_ms", Max: 250)];
        if (options.Proxy == ProxyKind.FastTcpProxy)
            thresholds.Add(new("first_second.served/first_second.count", Max: 0.11, Min: 0.05));
        return thresholds;
    }

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Returning(options));

    private sealed class Returning(LoadOptions options) : WaitStage(options)
    {
        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            await PhaseAsync(record, "healthy", HealthyPart * Options.Duration, arrivalsEnded);
            await Proxy.DisableAsync();
            await PhaseAsync(record, "out", OutPart * Options.Duration, arrivalsEnded);
            await Proxy.EnableAsync();
            await PhaseAsync(record, "first_second", FirstSecond, arrivalsEnded);
            await PhaseAsync(record, "returning", TimeSpan.Zero, arrivalsEnded);
            await EndAsync(record, arrivalsEnded);
        }
    }
}
