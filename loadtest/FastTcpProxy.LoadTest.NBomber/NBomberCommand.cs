using System.CommandLine;
using FastTcpProxy.LoadTest.CommandLine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Scenarios;
using FastTcpProxy.LoadTest.Thresholds;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.NBomber;

/// <summary>The command line of runner two. Used once, by the main task.</summary>
internal sealed class NBomberCommand
{
    private readonly Argument<string> _name = new("name") { Description = "The scenario.", HelpName = "NAME" };

    private readonly Option<int?> _rate = LoadTestCommand.Rate();

    private readonly Option<TimeSpan?> _duration = LoadTestCommand.Duration();

    private readonly Option<string?> _report = new("--report")
    {
        Description = "A folder for NBomber's reports and its log: a new or empty one, or one of earlier reports.", HelpName = "DIR",
    };

    private readonly Option<string?> _thresholds =
        new("--thresholds") { Description = "What must hold, as JSON, instead of the scenario's own.", HelpName = "FILE" };

    private readonly Option<bool> _noNamespace =
        new("--no-namespace") { Description = "Stay on the machine's own loopback, also as root." };

    /// <summary>Parses and runs. Errors go to standard error.</summary>
    public async Task<int> RunAsync(string[] args)
    {
        _name.AcceptOnlyFromAmong([.. Catalogue.All.Select(s => s.Name)]);
        RootCommand root = new("The load tests by NBomber. Exit codes: 0 ok, 1 it could not be run, 2 wrong command line, "
            + "3 a threshold is breached.") { _name, _rate, _duration, _report, _thresholds, _noNamespace };
        root.SetAction(RunScenarioAsync);
        ParseResult command = root.Parse(args);
        int code = await command.InvokeAsync(LoadTestCommand.Invocation);
        return command.Errors.Count > 0 ? ExitCodes.WrongCommandLine : code;
    }

    /// <summary>
    /// Of the scenario's own thresholds, those that NBomber's statistics cannot tell are named. From a file all are judged: a name that
    /// does not exist may be mistyped.
    /// </summary>
    internal static int Judge(RunResult run, IReadOnlyList<Threshold> own, IReadOnlyList<Threshold>? fromFile, TextWriter output)
    {
        int phases = run.Phases.Count(p => p.Series == Recorder.Clients && p.Phase != Recorder.All);
        ILookup<bool, Threshold> told = (fromFile ?? own).ToLookup(t => fromFile is not null || NBomberResult.CanTell(t, phases));
        foreach (Threshold threshold in told[false]) output.WriteLine($"not judged: {threshold.Figure}");
        Verdict[] breached = [.. Thresholds.Judge.Of(run, told[true]).Where(v => !v.IsOk)];
        foreach (Verdict verdict in breached) output.WriteLine($"breached: {verdict.Text}");
        return breached.Length > 0 ? ExitCodes.Breached : ExitCodes.Ok;
    }

    private async Task<int> RunScenarioAsync(ParseResult parsed, CancellationToken stop)
    {
        Model.Scenario scenario = Catalogue.Find(parsed.GetValue(_name)!)!;
        LoadOptions full = LoadOptions.Of(scenario), options = full with
        {
            Rate = parsed.GetValue(_rate) ?? full.Rate, Duration = parsed.GetValue(_duration) ?? full.Duration,
        };
        if (RunCommand.TooShort(scenario, options) is { } wrong)
        {
            await Console.Error.WriteLineAsync(wrong);
            return ExitCodes.WrongCommandLine;
        }
        try
        {
            IReadOnlyList<Threshold>? fromFile = parsed.GetValue(_thresholds) is { } file ? ThresholdFile.Read(file) : null;
            string? report = parsed.GetValue(_report);
            if (report is not null) ReportFolder.Create(report);
            RunCommand.Prepare(scenario, options, ownNetwork: !parsed.GetValue(_noNamespace));
            // NBomber deletes the folder that it is given, and without one it leaves a log in the current folder.
            using TempFolder work = new("nbomber");
            RunResult run = await NBomberRun.RunAsync(scenario, options, work.Path, report is not null, stop);
            if (report is not null) ReportFolder.Move(work.Path, report);
            return Judge(run, scenario.ThresholdsOf(options), fromFile, Console.Out);
        }
        catch (Exception e) when (RunCommand.CanHappen(e))
        {
            await Console.Error.WriteLineAsync($"{scenario.Name}: {e.Message}");
            return ExitCodes.Failed;
        }
    }
}
