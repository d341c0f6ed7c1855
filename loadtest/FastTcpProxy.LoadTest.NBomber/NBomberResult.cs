using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;
using NBomber.Contracts.Stats;

namespace FastTcpProxy.LoadTest.NBomber;

/// <summary>
/// A run as NBomber's statistics tell it: what they do not have is unknown, which holds no bound. What observers saw, and the figures of
/// the stage, are the recorder's. Pure.
/// </summary>
internal static class NBomberResult
{
    /// <summary>A step that NBomber itself ended, by an exception or a timeout, has a code of NBomber's.</summary>
    private const string NotBegun = "not_begun";

    public static RunResult Of(Model.Scenario scenario, LoadOptions options, NodeStats stats, Recorder recorder)
    {
        (ImmutableArray<PhaseResult> observed, ImmutableArray<FigureResult> figures, ImmutableArray<string> notes) = recorder.Results();
        // A later NBomber adds steps into the statistics of the scenario: the sum is made of the steps.
        PhaseResult[] phases = [.. stats.ScenarioStats.SelectMany(s => s.StepStats).Select(ToPhase)];
        PhaseResult all = SumOf(phases);
        figures = figures.Add(new FigureResult("throughput_mib_s", all.Bytes / options.Duration.TotalSeconds / (1 << 20), "MiB/s"));
        return new RunResult(
            scenario.Name, scenario.Summary, "fasttcpproxy", "", "", DateTimeOffset.UtcNow, options.Duration.TotalSeconds,
            [.. phases, .. observed.Where(p => p.Series != Recorder.Clients), all], figures, [], [], notes);
    }

    /// <summary>
    /// Whether the statistics can have a figure: of the clients they have no 90th and 99.9th percentile, and not when steps began; of all
    /// phases together no median.
    /// </summary>
    /// <param name="phases">How many phases the clients had.</param>
    public static bool CanTell(Threshold threshold, int phases) => threshold.Figure.Split('/').All(name => name.Split('.') switch
    {
        [_, "p90_ms" or "p999_ms" or "recover_s"] => false,
        [Recorder.All, "p50_ms"] => phases == 1,
        _ => true,
    });

    private static PhaseResult SumOf(PhaseResult[] phases) => new(
        Recorder.Clients, Recorder.All, 0, 0, phases.Sum(p => p.Count), phases.Sum(p => p.Errors),
        phases.SelectMany(p => p.Fates).GroupBy(f => f.Key).ToImmutableSortedDictionary(g => g.Key, g => g.Sum(f => f.Value)),
        phases.Min(p => p.MinMs), null,
        // No percentile of all phases together can be made of theirs; the largest 99th is at least theirs.
        P50Ms: phases.Length == 1 ? phases[0].P50Ms : null, P90Ms: null, P99Ms: phases.Max(p => p.P99Ms), P999Ms: null,
        MaxMs: phases.Max(p => p.MaxMs), phases.Sum(p => p.Bytes), LastSlowSeconds: null);

    private static PhaseResult ToPhase(StepStats step)
    {
        ImmutableSortedDictionary<string, long> fates = step.Ok.StatusCodes.Concat(step.Fail.StatusCodes)
            .GroupBy(c => Tally.FateNames.Contains(c.StatusCode) ? c.StatusCode : NotBegun)
            .ToImmutableSortedDictionary(g => g.Key, g => g.Sum(c => (long)c.Count));
        LatencyStats ms = step.Ok.Latency;
        // Without a served step all its latencies are 0.
        double? Known(double value) => step.Ok.Request.Count > 0 ? value : null;
        return new PhaseResult(
            Recorder.Clients, step.StepName, 0, 0, (long)step.Ok.Request.Count + step.Fail.Request.Count, step.Fail.Request.Count, fates,
            Known(ms.MinMs), Known(ms.MeanMs), Known(ms.Percent50), null, Known(ms.Percent99), null, Known(ms.MaxMs),
            (long)step.Ok.DataTransfer.AllBytes + (long)step.Fail.DataTransfer.AllBytes, null);
    }
}
