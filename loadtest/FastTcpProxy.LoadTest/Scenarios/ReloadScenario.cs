using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Stage.Proxies;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>Reloads, and then take-overs by new processes, while short connections come and go and long sessions stay.</summary>
internal sealed class ReloadScenario : Scenario
{
    private const int SessionsCount = 20, ReloadsMax = 50, UpgradesMax = 5, PausesMax = 2;

    public override string Name => "reload";
    public override string Summary => "50 reloads and 5 upgrades under load, and a pause among each: no connection is refused, "
        + "reset or hung, and 20 long sessions live on";
    public override int Rate => 200;
    public override TimeSpan Duration => TimeSpan.FromSeconds(30);

    /// <summary>50 reloads take three seconds on a slow machine, and as much is left for the upgrades.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(10);

    public override Needs NeedsOf(LoadOptions options) => Needs.ForConnections(Math.Max(1_000, options.Rate));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) =>
    [
        new("all.errors", Max: 0), new("session.reloads.errors", Max: 0), new("session.reloads.count", Min: SessionsCount),
        new("reloads_done", Min: ReloadsMax),
        new("upgrades_done", Min: UpgradesMax), new("earlier_processes_left", Max: 0),
        new("pauses_done", Min: PausesMax),
    ];

    public override Task<IStage> SetUpAsync(LoadOptions options) => options.Proxy == ProxyKind.FastTcpProxy
        ? ProxyStage.StartAsync(new Reloads(options))
        : throw new StageException("reload runs against fasttcpproxy only: what a reload changes is written in its configuration");

    private sealed class Reloads(LoadOptions options) : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
    {
        private static readonly TimeSpan SessionPause = TimeSpan.FromMilliseconds(100), EndMax = TimeSpan.FromSeconds(10);

        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            FastTcpProxyProcess proxy = (FastTcpProxyProcess)Proxy;
            record.Phase("reloads");
            using CancellationTokenSource end = new();
            Task sessions = Task.WhenAll(Enumerable.Range(0, SessionsCount).Select(_ => StayAsync(record, end.Token)));
            TimeSpan reloads = 0.6 * Options.Duration;
            int done = 0;
            for (int i = 1; i <= ReloadsMax; i++)
            {
                await UntilAsync(record, reloads * i / (ReloadsMax + 1), arrivalsEnded);
                proxy.Configure(i);
                await proxy.ReloadAsync();
                record.Figure("reloads_done", ++done, "reloads");
                if (i == ReloadsMax / 2) await PauseAsync(record, 1);
            }
            await UntilAsync(record, reloads, arrivalsEnded);
            record.Phase("upgrades");
            for (int i = 1; i <= UpgradesMax; i++)
            {
                await proxy.UpgradeAsync();
                record.Figure("upgrades_done", i, "upgrades");
                if (i == UpgradesMax / 2) await PauseAsync(record, 2);
                await UntilAsync(record, reloads + (Options.Duration - reloads) * i / (UpgradesMax + 1), arrivalsEnded);
            }
            await Task.Delay(Timeout.Infinite, arrivalsEnded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await end.CancelAsync();
            await sessions;
            // They end with their last session.
            TimeSpan limit = record.Elapsed + EndMax;
            while (proxy.Earlier > 0 && record.Elapsed < limit) await Task.Delay(50, CancellationToken.None);
            record.Figure("earlier_processes_left", proxy.Earlier, "processes");
        }

        private async Task PauseAsync(IRecord record, int number)
        {
            await Proxy.PauseAsync(Options.Duration / 30);
            record.Figure("pauses_done", number, "pauses");
        }

        /// <summary>A long session, counted once, at its end.</summary>
        private async Task StayAsync(IRecord record, CancellationToken end)
        {
            TimeSpan begin = record.Elapsed;
            using Client client = new(CancellationToken.None, patience: Options.Duration + Client.Patience);
            (Fate fate, _) = await client.AskAsync(Target, Request.Echo);
            while (fate == Fate.Served && !end.IsCancellationRequested)
            {
                fate = await client.EchoAsync();
                await Task.Delay(SessionPause, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            record.Observe("session", begin, new StepResult(fate == Fate.Served ? await client.EndAsync() : fate));
        }
    }
}
