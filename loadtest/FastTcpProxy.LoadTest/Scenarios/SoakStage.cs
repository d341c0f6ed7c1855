using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Stage;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>
/// The stage of <see cref="SoakScenario"/>: the mix of clients, the disturbances, and what the proxy holds early and late. It owns what
/// <see cref="ProxyStage"/> owns.
/// </summary>
internal sealed class SoakStage(LoadOptions options)
    : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
{
    private const long DownloadBytes = 1 << 20;

    private const int SessionsCount = 20;

    private static readonly TimeSpan SessionPause = TimeSpan.FromSeconds(1);

    private int _number;

    /// <summary>
    /// Below the pauses of a full run, so that a proxy which counts the time of a pause as silence loses every session.
    /// </summary>
    protected override TimeSpan? IdleTimeout => Disturbances.PauseMax * 0.75;

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

    /// <summary>
    /// Compares the last tenth with the tenth that follows the first third: until then code is compiled and pools find their size.
    /// </summary>
    public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
    {
        record.Phase("soak");
        Disturbances disturbances = new(Proxy, record, Options.Duration);
        Task disturbing = disturbances.RunAsync(arrivalsEnded);
        Task sessions = Task.WhenAll(
            Enumerable.Range(0, SessionsCount).Select(i => StayAsync(record, disturbances.Period * (3 + i % 4), arrivalsEnded)));
        await UntilAsync(record, Options.Part(1 / 3.0), arrivalsEnded);
        (double memory, double descriptors) = await MeanAsync();
        await UntilAsync(record, Options.Part(0.9), arrivalsEnded);
        (double memoryNow, double descriptorsNow) = await MeanAsync();
        record.Figure("memory_growth_mib", Math.Round((memoryNow - memory) / (1 << 20), 1), "MiB");
        record.Figure("descriptor_growth", Math.Round(descriptorsNow - descriptors, 1), "descriptors");
        await disturbing;
        await sessions;
        await disturbances.EndAsync();
    }

    /// <summary>Long sessions, one after the other: each lives through some disturbances, and sends in each second.</summary>
    private async Task StayAsync(IRecord record, TimeSpan life, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            TimeSpan begin = record.Elapsed;
            using Client client = new(CancellationToken.None, patience: life + Client.Patience);
            (Fate fate, _) = await client.AskAsync(Target, Request.Echo);
            while (fate == Fate.Served && !end.IsCancellationRequested && record.Elapsed < begin + life)
            {
                fate = await client.EchoAsync();
                await Task.Delay(SessionPause, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            record.Observe("session", begin, new StepResult(fate == Fate.Served ? await client.EndAsync() : fate));
            if (fate != Fate.Served) await Task.Delay(SessionPause, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<(double Memory, double Descriptors)> MeanAsync()
    {
        const int looks = 10;
        double memory = 0, descriptors = 0;
        for (int i = 0; i < looks; i++)
        {
            memory += ResidentBytes;
            descriptors += ProcessSampler.Descriptors(ProxyProcessId);
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
