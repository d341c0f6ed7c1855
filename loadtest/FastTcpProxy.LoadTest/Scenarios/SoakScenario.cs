using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>A mix of what clients do, for long: nothing may grow.</summary>
internal sealed class SoakScenario : Scenario
{
    private const long DownloadBytes = 1 << 20;

    public override string Name => "soak";
    public override string Summary => "short connections, downloads, resets and clients that leave, for as long as is asked: memory and descriptors must not grow";
    public override int Rate => 300;
    public override TimeSpan Duration => TimeSpan.FromMinutes(10);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(Math.Max(1_000, options.Rate));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
        [new("all.errors", Max: 0), new("memory_growth_mib", Max: 48), new("descriptor_growth", Max: 60)];

    public override Task<IStage> SetUpAsync(LoadOptions options) => ProxyStage.StartAsync(new Soak(options));

    private sealed class Soak(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
    {
        private int _number;

        protected override async Task<StepResult> RunStepAsync(CancellationToken stop)
        {
            int number = Interlocked.Increment(ref _number);
            return (number % 50) switch
            {
                0 => await DownloadAsync(stop),
                1 => await LeaveAsync(stop),
                _ => await base.RunStepAsync(stop),
            };
        }

        /// <summary>Compares the last tenth with the tenth that follows the first third: until then code is compiled and pools find their size.</summary>
        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Phase("soak");
            await UntilAsync(record, Options.Part(1 / 3.0), arrivalsEnded);
            (double memory, double descriptors) = await MeanAsync();
            await UntilAsync(record, Options.Part(0.9), arrivalsEnded);
            (double memoryNow, double descriptorsNow) = await MeanAsync();
            record.Figure("memory_growth_mib", Math.Round((memoryNow - memory) / (1 << 20), 1), "MiB");
            record.Figure("descriptor_growth", Math.Round(descriptorsNow - descriptors, 1), "descriptors");
        }

        private async Task<(double Memory, double Descriptors)> MeanAsync()
        {
            const int looks = 10;
            double memory = 0, descriptors = 0;
            for (int i = 0; i < looks; i++)
            {
                memory += ResidentBytes;
                descriptors += Directory.GetFileSystemEntries($"/proc/{ProxyProcessId}/fd").Length;
                await Task.Delay(Options.Part(0.1) / looks / 2);
            }
            return (memory / looks, descriptors / looks);
        }

        private async Task<StepResult> DownloadAsync(CancellationToken stop)
        {
            using Client client = new(stop, bufferBytes: 64 * 1024);
            (Fate fate, _) = await client.AskAsync(Target, Request.Send, DownloadBytes);
            if (fate == Fate.Served) fate = await client.ReceiveAsync(DownloadBytes, TimeSpan.Zero);
            return new StepResult(fate == Fate.Served ? await client.EndAsync() : fate, DownloadBytes);
        }

        /// <summary>Leaves in the middle of a download: the proxy has to notice, and to let go of both sides.</summary>
        private async Task<StepResult> LeaveAsync(CancellationToken stop)
        {
            using Client client = new(stop);
            (Fate fate, _) = await client.AskAsync(Target, Request.Send, DownloadBytes);
            return new StepResult(fate);
        }
    }
}
