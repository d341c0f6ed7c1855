using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>What looks like silence and is not, and silence that comes again and again: whom the proxy leaves, and for how long.</summary>
internal sealed class SuspectScenario : Scenario
{
    /// <summary>Of the duration.</summary>
    private const double HealthyPart = 0.1, LossyPart = 0.2, LatePart = 0.3, KnownPart = 0.1, PausePart = 0.1;

    private static readonly TimeSpan FlapEvery = TimeSpan.FromSeconds(3);

    public override string Name => "suspect";
    public override string Summary => "some packets to the primary are lost, then it accepts after a second, then it is silent every three "
        + "seconds: whom a proxy that avoids waits leaves";
    public override int Rate => 300;
    public override TimeSpan Duration => TimeSpan.FromSeconds(100);

    /// <summary>A flap and a return.</summary>
    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(30);

    public override Needs NeedsOf(LoadOptions options) =>
        Needs.ForConnections((int)(options.Rate * (options.ConnectTimeout.TotalSeconds + 2)));

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options)
    {
        List<Threshold> thresholds = [new("all.errors", Max: 0), new("accepted_in_vain", Max: 0)];
        if (options.Proxy == ProxyKind.FastTcpProxy)
            thresholds.AddRange([new("lossy.p99_ms", Max: 250), new("suspected_lossy", Max: 0), new("flapping.p99_ms", Max: 300),
                new("suspected_flapping", Min: 1), new("late_known.served/late_known.count", Min: 0.9)]);
        return thresholds;
    }

    public override Task<IStage> SetUpAsync(LoadOptions options)
    {
        WaitStage.RequireRules();
        return ProxyStage.StartAsync(new Suspects(options));
    }

    private sealed class Suspects(LoadOptions options) : WaitStage(options)
    {
        public override async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            record.Note("lossy: one in a hundred SYN packets is dropped; late: the first one of each connection is, the kernel sends it "
                + "again after a second");
            await PhaseAsync(record, "healthy", HealthyPart * Options.Duration, arrivalsEnded);
            await A.SetAsync(BackendMode.Lossy);
            double before = await SuspectedAsync();
            await PhaseAsync(record, "lossy", LossyPart * Options.Duration, arrivalsEnded);
            record.Figure("suspected_lossy", await SuspectedAsync() - before, "times");
            await A.SetAsync(BackendMode.Late);
            await PhaseAsync(record, "late", LatePart * Options.Duration, arrivalsEnded);
            await PhaseAsync(record, "late_known", KnownPart * Options.Duration, arrivalsEnded);
            await A.SetAsync(BackendMode.Up);
            await PhaseAsync(record, "back", PausePart * Options.Duration, arrivalsEnded);
            before = await SuspectedAsync();
            Task flapping = PhaseAsync(record, "flapping", TimeSpan.Zero, arrivalsEnded);
            for (bool isSilent = true; !arrivalsEnded.IsCancellationRequested && record.Elapsed < Options.Duration; isSilent = !isSilent)
            {
                await A.SetAsync(isSilent ? BackendMode.Silent : BackendMode.Up);
                await UntilAsync(record, record.Elapsed + FlapEvery, arrivalsEnded);
            }
            await flapping;
            record.Figure("suspected_flapping", await SuspectedAsync() - before, "times");
            await A.SetAsync(BackendMode.Up);
            await EndAsync(record, arrivalsEnded);
        }

        private Task<double> SuspectedAsync() => MetricAsync("fasttcpproxy_upstream_suspected_total", "upstream=\"a\"");
    }
}
