using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using NBomber.Contracts;
using NBomber.Contracts.Stats;
using NBomber.CSharp;
using Bomber = NBomber.CSharp.Scenario;

namespace FastTcpProxy.LoadTest.NBomber;

/// <summary>
/// Runner two: NBomber begins the steps and measures them, each under the name of its phase. Latencies are from the actual begin of a step.
/// </summary>
internal static class NBomberRun
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="report">A folder that NBomber empties; null: no reports.</param>
    /// <exception cref="StageException">It cannot be set up.</exception>
    public static async Task<RunResult> RunAsync(Model.Scenario scenario, LoadOptions options, string? report)
    {
        Recorder recorder = new();
        using CancellationTokenSource ended = new();
        await using IStage stage = await scenario.SetUpAsync(options);
        // The clock of the stage begins with the first step, when NBomber has started.
        Lazy<Task> driving = new(() =>
        {
            recorder.Begin();
            return stage.DriveAsync(recorder, ended.Token);
        });
        ScenarioProps props = Bomber.Create(scenario.Name, async context =>
        {
            _ = driving.Value;
            return await Step.Run(recorder.PhaseNow, context, async () => ToResponse(await stage.StepAsync(CancellationToken.None)));
        }).WithoutWarmUp().WithLoadSimulations([.. stage.Arrivals.Select(ToSimulation)]);
        NBomberContext runner = NBomberRunner.RegisterScenarios(props);
        NodeStats stats = (report is null ? runner.WithoutReports() : runner.WithReportFolder(report)).Run();
        await ended.CancelAsync();
        if (driving.IsValueCreated) await driving.Value;
        return ToResult(scenario, options, stats, recorder);
    }

    private static LoadSimulation ToSimulation(ArrivalSegment segment) => segment.Model == ArrivalModel.Rate
        ? Simulation.Inject(segment.Value, Interval, segment.During)
        : Simulation.KeepConstant(segment.Value, segment.During);

    private static Response<object> ToResponse(StepResult result)
    {
        string fate = Tally.FateNames[(int)result.Fate];
        int size = (int)Math.Min(result.Bytes, int.MaxValue);
        return result.IsOk ? Response.Ok(statusCode: fate, sizeBytes: size) : Response.Fail(statusCode: fate, sizeBytes: size);
    }

    /// <summary>NBomber's statistics for the clients; what observers saw, and figures, as the stage told them.</summary>
    private static RunResult ToResult(Model.Scenario scenario, LoadOptions options, NodeStats stats, Recorder recorder)
    {
        (ImmutableArray<PhaseResult> observed, ImmutableArray<FigureResult> figures, ImmutableArray<string> notes) = recorder.Results();
        PhaseResult[] phases = [.. stats.ScenarioStats.SelectMany(s => s.StepStats).Select(ToPhase)];
        // A later NBomber adds steps into the statistics of the scenario: the sum is made of the steps.
        PhaseResult all = phases.Aggregate(observed[^1], (sum, p) => sum with
        {
            Count = sum.Count + p.Count, Errors = sum.Errors + p.Errors, Bytes = sum.Bytes + p.Bytes, MaxMs = Math.Max(sum.MaxMs, p.MaxMs),
            // A median of several phases cannot be had from theirs.
            P50Ms = phases.Length == 1 ? p.P50Ms : double.NaN, P99Ms = Math.Max(sum.P99Ms, p.P99Ms),
            Fates = p.Fates.Aggregate(sum.Fates, (fates, f) => fates.SetItem(f.Key, fates.GetValueOrDefault(f.Key) + f.Value)),
        });
        figures = figures.Add(new FigureResult("throughput_mib_s", all.Bytes / options.Duration.TotalSeconds / (1 << 20), "MiB/s"));
        return new RunResult(
            scenario.Name, scenario.Summary, "fasttcpproxy", "", "", DateTimeOffset.UtcNow, options.Duration.TotalSeconds,
            [.. phases, .. observed.Where(p => p.Series != Recorder.Clients), all], figures, [], [], notes);
    }

    private static PhaseResult ToPhase(StepStats step)
    {
        // The codes of an exception or a timeout within NBomber are none of ours: such a step was not begun as far as the proxy goes.
        ImmutableSortedDictionary<string, long> fates = step.Ok.StatusCodes.Concat(step.Fail.StatusCodes)
            .GroupBy(c => Tally.FateNames.Contains(c.StatusCode) ? c.StatusCode : "not_begun").ToImmutableSortedDictionary(g => g.Key,
                g => g.Sum(c => (long)c.Count));
        LatencyStats ms = step.Ok.Latency;
        return new PhaseResult(
            Recorder.Clients, step.StepName, 0, 0, (long)step.Ok.Request.Count + step.Fail.Request.Count, step.Fail.Request.Count, fates,
            ms.MinMs, ms.MeanMs, ms.Percent50, double.NaN, ms.Percent99, double.NaN, ms.MaxMs,
            (long)step.Ok.DataTransfer.AllBytes + (long)step.Fail.DataTransfer.AllBytes, double.NaN);
    }
}
