using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>A steady rate, a second far over what the machine can do, and the steady rate again.</summary>
internal sealed class BurstScenario : Scenario
{
    /// <summary>More than proxy and load together can do on two cores.</summary>
    private const int Factor = 100;

    /// <summary>Of the duration, before the burst.</summary>
    private const double SteadyPart = 0.2;

    /// <summary>Of the burst.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    public override string Name => "burst";
    public override string Summary =>
        "a second of arrivals at 100 times the steady --rate, far over capacity: who waits, who is lost, how long until it is over";
    public override int Rate => 80;
    public override TimeSpan Duration => TimeSpan.FromSeconds(30);

    /// <summary>A second before the burst, the burst, and three seconds after it.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(5);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(options.Rate * Factor);

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
        [new("steady.errors", Max: 0), new("all.hung", Max: 0), new("all.wrong", Max: 0), new("burst.errors", Max: options.Rate),
            new("after.recover_s", Max: 8)];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Burst(options));

    private sealed class Burst(LoadOptions options) : ProxyStage(options,
    [
        ArrivalSegment.PerSecond(options.Rate, options.Part(SteadyPart)), ArrivalSegment.PerSecond(options.Rate * Factor, Length),
        ArrivalSegment.PerSecond(options.Rate, options.Duration - options.Part(SteadyPart) - Length),
    ])
    {
        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Phase("steady");
            await UntilAsync(record, Arrivals[0].During, arrivalsEnded);
            record.Phase("burst");
            await UntilAsync(record, Arrivals[0].During + Arrivals[1].During, arrivalsEnded);
            record.Phase("after");
        }
    }
}
