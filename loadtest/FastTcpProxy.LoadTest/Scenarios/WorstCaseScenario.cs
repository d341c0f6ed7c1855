using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Stage.Proxies;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>What a proxy has against the worst case.</summary>
internal enum WorstCase
{
    /// <summary>The connect timeout.</summary>
    Plain,

    /// <summary>Health checks.</summary>
    Checked,

    /// <summary>Second attempts and suspicion, or what a peer has instead.</summary>
    Hedged,
}

/// <summary>
/// The primary is silent, and every connection waits out the connect timeout before the second upstream serves it; meanwhile a neighbour
/// service and the administrative interface continue. With checks, the primary is out after a few seconds; a proxy that avoids the wait
/// leaves it after the first clients.
/// </summary>
internal sealed class WorstCaseScenario(WorstCase variant) : Scenario
{
    /// <summary>Above the timeout itself.</summary>
    private const double LatencyBeyondMs = 250;

    /// <summary>Of the duration: before the silence, the silence, and what is after it.</summary>
    private const double HealthyPart = 0.2, SilentPart = 0.5, BackPart = 0.3;

    /// <summary>The runtime compiles the load, and the proxy where that is not native: its first clients are not judged.</summary>
    private static readonly TimeSpan Starting = TimeSpan.FromSeconds(1);

    /// <summary>The kernel sends the SYN of a waiting connect again each second (tcp_syn_linear_timeouts, ip-sysctl).</summary>
    private const double ResendSeconds = 1;

    /// <summary>
    /// How much of a second the machine may take for a second's arrivals that have waited, when all of them come at once: it runs the
    /// clients and the upstreams too.
    /// </summary>
    private const double WorkPerSecond = 0.4;

    /// <summary>With the keys on, what a proxy that serves 1,800 a second may have open; without, 9,000 wait.</summary>
    private const int HedgedDescriptorsMax = 4_000, HedgedMemoryMaxMib = 256;

    public override string Name => variant switch
    {
        WorstCase.Checked => "worst-case-checked", WorstCase.Hedged => "worst-case-hedged", _ => "worst-case",
    };

    private bool AllWait => variant == WorstCase.Plain;

    public override string Summary => variant switch
    {
        WorstCase.Checked => "the same with health checks: only the clients of the first seconds wait",
        WorstCase.Hedged => "the same, told to avoid the wait (hedge, suspect): only the first clients do",
        _ => "the primary is silent and every connection waits out the 5 s, then the second upstream serves it: --rate 500, 1000, 1800",
    };

    public override int Rate => 1_800;
    public override TimeSpan Duration => TimeSpan.FromSeconds(50);

    /// <summary>
    /// Without checks, clients that begin within the connect timeout of the return belong to the phase "returning": the phase "silent" has
    /// the rest of its part, at least a second. The phase "back" has at least a second after the longest "catching_up". With checks, none
    /// waits at the return, and "silent" must be twice as long as a check takes to find the silence, because half of its clients may not
    /// wait.
    /// </summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(Math.Ceiling(!AllWait
        ? 2 * (2 * ProxySetup.CheckInterval.TotalSeconds + 1) / SilentPart
        : Math.Max((options.ConnectTimeout.TotalSeconds + 1) / SilentPart, (CaughtUpMaxOf(options) + 1) / BackPart)));

    public override Needs NeedsOf(LoadOptions options) =>
        Needs.ForConnections((int)(options.Rate * options.ConnectTimeout.TotalSeconds * 1.05));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options)
    {
        double waited = options.ConnectTimeout.TotalMilliseconds;
        List<Threshold> thresholds =
        [
            new("all.errors", Max: 0), new("healthy.p99_ms", Max: 250), new("silent.p99_ms", Max: waited + LatencyBeyondMs),
            new("back.recover_s", Max: 1), new("back.p99_ms", Max: 250), new("neighbour.silent.errors", Max: 0),
            new("neighbour.silent.p99_ms", Max: 250),
        ];
        if (options.Proxy == ProxyKind.FastTcpProxy)
            thresholds.AddRange([new("admin.silent.errors", Max: 0), new("admin.silent.p99_ms", Max: 250)]);
        if (variant == WorstCase.Checked) thresholds.AddRange(
            [new("silent.recover_s", Max: 2 * ProxySetup.CheckInterval.TotalSeconds + 2), new("silent.p50_ms", Max: waited)]);
        else if (variant == WorstCase.Hedged) thresholds.AddRange(
            [new("silent.recover_s", Max: 2), new("silent.p50_ms", Max: LatencyBeyondMs),
                new("descriptors_max", Max: HedgedDescriptorsMax), new("memory_max_mib", Max: HedgedMemoryMaxMib)]);
        else thresholds.AddRange([new("silent.p50_ms", Min: waited * 0.99), new("memory_per_waiting_bytes", Max: 16_384),
            new("caught_up_s", Max: CaughtUpMaxOf(options))]);
        return thresholds;
    }

    public override Task<IStage> SetUpAsync(LoadOptions options) =>
        ProxyStage.StartAsync(new Waiting(options, variant), variant == WorstCase.Checked,
            (int)(options.Rate * options.ConnectTimeout.TotalSeconds * 1.05) + 500);

    /// <summary>How long after its return all that wait for the primary may take to be served.</summary>
    private static double CaughtUpMaxOf(LoadOptions options) => ResendSeconds + WorkPerSecond * options.ConnectTimeout.TotalSeconds;

    private sealed class Waiting(LoadOptions options, WorstCase variant)
        : ProxyStage(options, [ArrivalSegment.PerSecond(options.Rate, options.Duration)])
    {
        protected override bool AvoidsWaits => variant == WorstCase.Hedged;

        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            TimeSpan healthy = HealthyPart * Options.Duration, back = healthy + SilentPart * Options.Duration;
            record.Phase("starting");
            record.Note($"silent: {A.SilentMeans}");
            Task neighbour = Observers.WatchNeighbourAsync(record, Setup.Neighbour, arrivalsEnded);
            Task admin = Proxy is FastTcpProxyProcess ours
                ? Observers.WatchAdminAsync(record, ours.AdminSocket, arrivalsEnded)
                : Task.CompletedTask;
            await UntilAsync(record, Starting, arrivalsEnded);
            record.Phase("healthy");
            await UntilAsync(record, healthy, arrivalsEnded);

            long before = ResidentBytes;
            int openBefore = Open;
            record.Phase("silent");
            if (variant == WorstCase.Checked) Health!.SetIll("a");
            await A.SetAsync(BackendMode.Silent);
            // Who comes later still waits when the primary is back: the kernel sends its SYN packets again each second, so all of them are
            // served at once then.
            await UntilAsync(record, back - Options.ConnectTimeout, arrivalsEnded);
            if (variant == WorstCase.Plain) record.Phase("returning");
            // Just before the end as many wait as ever will.
            await UntilAsync(record, back - TimeSpan.FromMilliseconds(200), arrivalsEnded);
            int waiting = Open - openBefore;
            if (variant == WorstCase.Plain && waiting > 0)
            {
                record.Figure("waiting_connections", waiting, "connections");
                record.Figure("memory_per_waiting_bytes", Math.Round((double)(ResidentBytes - before) / waiting), "bytes");
            }
            await UntilAsync(record, back, arrivalsEnded);

            await A.SetAsync(BackendMode.Up);
            if (variant == WorstCase.Checked) Health!.SetIll(null);
            if (variant == WorstCase.Plain) await CatchUpAsync(record, openBefore, arrivalsEnded);
            record.Phase("back");
            await Task.WhenAll(neighbour, admin);
        }

        /// <summary>
        /// All that wait are served at once, beside those that come: five seconds' arrivals in one. What that costs is the machine's, and
        /// has a figure of its own; new clients are judged from its end.
        /// </summary>
        private async Task CatchUpAsync(IRecord record, int openBefore, CancellationToken ended)
        {
            record.Phase("catching_up");
            TimeSpan begin = record.Elapsed;
            while (Open > openBefore + Options.Rate / 10 && !ended.IsCancellationRequested)
                await Task.Delay(10, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            record.Figure("caught_up_s", Math.Round((record.Elapsed - begin).TotalSeconds, 3), "s");
        }
    }
}
