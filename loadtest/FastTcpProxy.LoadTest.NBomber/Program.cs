using System.CommandLine;
using FastTcpProxy.LoadTest.CommandLine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.NBomber;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Scenarios;
using FastTcpProxy.LoadTest.Thresholds;

Argument<string> name = new("name") { Description = "The scenario.", HelpName = "NAME" };
Option<int?> rate = LoadTestCommand.Rate();
Option<TimeSpan?> duration = LoadTestCommand.Duration();
Option<string?> report = new("--report") { Description = "A folder for NBomber's reports. It is emptied first: give it one of its own." };
Option<string?> thresholds = new("--thresholds") { Description = "What must hold, as JSON, instead of the scenario's own." };
name.AcceptOnlyFromAmong([.. Catalogue.All.Select(s => s.Name)]);
RootCommand root = new("The load tests by NBomber. Exit codes: 0 ok, 1 it could not be run, "
    + "2 wrong command line, 3 a threshold is breached.") { name, rate, duration, report, thresholds };
root.SetAction(async (parsed, _) =>
{
    try
    {
        FastTcpProxy.LoadTest.Model.Scenario scenario = Catalogue.Find(parsed.GetValue(name)!)!;
        LoadOptions options = new(parsed.GetValue(rate) ?? scenario.Rate, parsed.GetValue(duration) ?? scenario.Duration,
            ProxyKind.FastTcpProxy, null, LoadOptions.ConnectTimeoutDefault, scenario.MemoryMib);
        IReadOnlyList<Threshold> expected = parsed.GetValue(thresholds) is { } file
            ? ThresholdFile.Read(file)
            : scenario.ThresholdsOf(options);
        RunCommand.Prepare(scenario, options, ownNetwork: true);
        RunResult run = await NBomberRun.RunAsync(scenario, options, parsed.GetValue(report));
        // Of the scenario's own, those that NBomber's statistics can tell; from a file all, as a name that is not there could be a mistyped
        // one.
        SortedDictionary<string, double> figures = RunFigures.Of(run);
        ILookup<bool, Threshold> told = expected.ToLookup(
            t => parsed.GetValue(thresholds) is not null || (figures.TryGetValue(t.Figure, out double value) && !double.IsNaN(value)));
        foreach (Threshold threshold in told[false]) Console.WriteLine($"not judged: {threshold.Figure}");
        Verdict[] breached = [.. Judge.Of(run, told[true]).Where(v => !v.IsOk)];
        foreach (Verdict verdict in breached) Console.WriteLine($"breached: {verdict.Text}");
        return breached.Length > 0 ? ExitCodes.Breached : ExitCodes.Ok;
    }
    catch (Exception e) when (RunCommand.CanHappen(e))
    {
        Console.Error.WriteLine(e.Message);
        return ExitCodes.Failed;
    }
});
ParseResult command = root.Parse(args);
int code = await command.InvokeAsync();
return command.Errors.Count > 0 ? ExitCodes.WrongCommandLine : code;
