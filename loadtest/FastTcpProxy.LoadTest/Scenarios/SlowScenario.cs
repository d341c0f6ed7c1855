using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>Clients that read and write slowly, beside a service whose clients do not.</summary>
internal sealed class SlowScenario : Scenario
{
    private const long DownloadBytes = 1 << 20;
    private const int ReadBytes = 16 * 1024, WritesMax = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public override string Name => "slow";
    public override string Summary =>
        "--rate clients at a time, half of which read 1 MiB in pieces of 16 KiB and half write in drops, beside a quick service";
    public override int Rate => 400;

    /// <summary>The neighbour needs a few hundred clients for a 99th percentile, and the memory is read before the end.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(2);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(options.Rate + 100);

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
        [new("all.errors", Max: 0), new("neighbour.slow.errors", Max: 0), new("neighbour.slow.p99_ms", Max: 500),
            new("memory_per_slow_bytes", Max: 512 * 1024)];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Slow(options));

    private sealed class Slow(LoadOptions options) : ProxyStage(options, [ArrivalSegment.AtATime(options.Rate, options.Duration)])
    {
        private int _number;

        protected override async Task<StepResult> RunStepAsync(CancellationToken stop)
        {
            bool isReader = Interlocked.Increment(ref _number) % 2 == 0;
            using Client client = new(stop, bufferBytes: ReadBytes, receiveBufferBytes: isReader ? ReadBytes : 0);
            (Fate fate, _) = await client.AskAsync(Target, isReader ? Request.Send : Request.Echo, DownloadBytes);
            if (isReader && fate == Fate.Served) fate = await client.ReceiveAsync(DownloadBytes, Pause);
            for (int i = 0; !isReader && i < WritesMax && fate == Fate.Served; i++)
            {
                fate = await client.EchoAsync();
                await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            if (fate == Fate.Served) fate = await client.EndAsync();
            return new StepResult(fate, isReader ? DownloadBytes : 0);
        }

        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Phase("slow");
            long before = ResidentBytes;
            Task neighbour = Observers.WatchNeighbourAsync(record, Setup.Neighbour, arrivalsEnded);
            await UntilAsync(record, 0.9 * Options.Duration, arrivalsEnded);
            if (Open > 0) record.Figure("memory_per_slow_bytes", Math.Round((double)(ResidentBytes - before) / Open), "bytes");
            await neighbour;
        }
    }
}
