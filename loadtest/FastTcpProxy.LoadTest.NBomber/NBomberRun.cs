using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;
using NBomber.Contracts;
using NBomber.Contracts.Stats;
using NBomber.CSharp;
using Bomber = NBomber.CSharp.Scenario;

namespace FastTcpProxy.LoadTest.NBomber;

/// <summary>
/// Runner two: NBomber begins the steps and measures them, each under the name of its phase. Latencies are from the actual begin of a step.
/// One task; it owns the stage.
/// </summary>
internal static class NBomberRun
{
    /// <summary>What NBomber's reports are called, before the dot.</summary>
    private const string ReportName = "report";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="work">A folder of ours. NBomber deletes it, creates it again, and writes its log and reports into it.</param>
    /// <param name="withReports">Whether it writes reports; a log it writes always.</param>
    /// <exception cref="StageException">It cannot be set up.</exception>
    /// <exception cref="OperationCanceledException">The user has given it up.</exception>
    public static async Task<RunResult> RunAsync(Model.Scenario scenario, LoadOptions options, string work, bool withReports,
        CancellationToken stop)
    {
        Recorder recorder = new();
        using CancellationTokenSource ended = new();
        await using IStage stage = await scenario.SetUpAsync(options);
        foreach (string note in stage.Notes) recorder.Note(note);
        // The clock of the stage begins with the first step, when NBomber has started.
        Lazy<Task> driving = new(() =>
        {
            recorder.Begin();
            return stage.DriveAsync(recorder, ended.Token);
        });
        NBomberContext runner = NBomberRunner.RegisterScenarios(ToProps(scenario.Name, stage, recorder, driving, stop))
            .WithReportFolder(work).WithReportFileName(ReportName);
        if (!withReports) runner = runner.WithoutReports();
        // It blocks its thread to the end, and hears no cancellation.
        Task<NodeStats> running = Task.Run(() => runner.Run(), CancellationToken.None);
        await Interruption.WaitAsync(running, stop);
        await ended.CancelAsync();
        if (driving.IsValueCreated) await Interruption.WaitAsync(driving.Value, stop);
        return NBomberResult.Of(scenario, options, await running, recorder);
    }

    private static ScenarioProps ToProps(string name, IStage stage, Recorder recorder, Lazy<Task> driving, CancellationToken stop) =>
        Bomber.Create(name, async context =>
        {
            if (stop.IsCancellationRequested || driving.Value.IsFaulted)
            {
                context.StopCurrentTest(stop.IsCancellationRequested ? "interrupted" : "the scenario has failed");
                return Response.Ok();
            }
            Response<object> step = await Step.Run(recorder.PhaseNow, context, async () => ToResponse(await stage.StepAsync(stop)));
            // NBomber adds sizes and codes of the scenario to those of its steps: with the step's own they would count twice.
            return step.IsError ? Response.Fail() : Response.Ok();
        })
        .WithoutWarmUp()
        // By default it ends the run at 5,000 failures; failures are what some scenarios are for.
        .WithMaxFailCount(int.MaxValue)
        // By default it throws for each failed step.
        .WithRestartIterationOnFail(false)
        .WithLoadSimulations([.. stage.Arrivals.Select(ToSimulation)]);

    /// <summary>A segment has whole seconds, which is what NBomber runs: it would run any other one longer.</summary>
    private static LoadSimulation ToSimulation(ArrivalSegment segment) => segment.Model == ArrivalModel.Rate
        ? Simulation.Inject(segment.Value, Interval, segment.During)
        : Simulation.KeepConstant(segment.Value, segment.During);

    private static Response<object> ToResponse(StepResult result)
    {
        string fate = Tally.FateNames[(int)result.Fate];
        int size = (int)Math.Min(result.Bytes, int.MaxValue);
        return result.IsOk ? Response.Ok(statusCode: fate, sizeBytes: size) : Response.Fail(statusCode: fate, sizeBytes: size);
    }
}
