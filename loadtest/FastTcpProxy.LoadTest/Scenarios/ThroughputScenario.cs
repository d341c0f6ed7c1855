using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>Downloads, so many at a time: a closed model, since it is the bytes that are of interest.</summary>
internal sealed class ThroughputScenario : Scenario
{
    private const long DownloadBytes = 16 << 20;

    public override string Name => "throughput";
    public override string Summary => "downloads of 16 MiB, --rate of them at a time; the figure is throughput_mib_s";
    public override int Rate => 8;

    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(1);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(options.Rate);

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
        [new("all.errors", Max: 0), new("throughput_mib_s", Min: 100)];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Downloads(options));

    private sealed class Downloads(LoadOptions options) : ProxyStage(options, [ArrivalSegment.AtATime(options.Rate, options.Duration)])
    {
        protected override async Task<StepResult> RunStepAsync(CancellationToken stop)
        {
            using Client client = new(stop, bufferBytes: 256 * 1024);
            (Fate fate, _) = await client.AskAsync(Target, Request.Send, DownloadBytes);
            if (fate == Fate.Served) fate = await client.ReceiveAsync(DownloadBytes, TimeSpan.Zero);
            if (fate == Fate.Served) fate = await client.EndAsync();
            return new StepResult(fate, DownloadBytes);
        }
    }
}
