using System.CommandLine;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Reporting;
using FastTcpProxy.Gate.Trees;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>
/// <c>self-test [REVISION]</c>: shows that the gate passes an unchanged build and fails one that was made slower on purpose. Used by the
/// main thread.
/// </summary>
internal static class SelfTestCommand
{
    private const double SlowdownDefault = 0.10;

    public static Command Build()
    {
        Argument<string> revision = new("REVISION") { Description = "What is built.", DefaultValueFactory = _ => "HEAD" };
        Option<double> slowdown = new("--slowdown")
        {
            Description = "How much slower, as a part of the cost.", DefaultValueFactory = _ => SlowdownDefault,
        };
        MeasureOptions measure = new();
        Command command = new(
            "self-test", "Builds one revision twice and once slowed down by a tenth, and checks that the gate passes the "
            + "twin and fails the slowed one.")
        { revision, slowdown };
        measure.AddTo(command);
        command.SetAction(result => Run(result.GetRequiredValue(revision), result.GetValue(slowdown), measure.Read(result)));
        return command;
    }

    private static int Run(string revision, double slowdown, GateOptions options)
    {
        string repository = GateCommand.Repository();
        using BuildFolder folder = new();
        SourceTree original = SourceTree.Open(revision, repository, folder.Path), twin = SourceTree.Open(revision, repository, folder.Path);
        SourceTree slowed = SourceTree.Open(revision, repository, folder.Path);
        SlowedSource.Apply(slowed.Folder);
        foreach (SourceTree tree in new[] { original, twin, slowed }) tree.Build();
        string json = Path.Combine(folder.Path, "report.json");

        Console.WriteLine("The same source, built twice:");
        int unchanged = Measurement.Run(original, twin, options, json, new Dictionary<string, string>());
        if (unchanged is not (ExitCodes.Ok or ExitCodes.Regression)) return ExitCodes.Failed;
        if (FindBurnTimes(original, slowed, slowdown, json, GateReport.Read(json)) is not { } burn) return ExitCodes.Failed;

        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant(
            $"Slowed down by {slowdown:0.#%}: burning {burn.SessionUs:0.00} us in each session and {burn.StepUs:0.00} us in each step:"));
        int slower = Measurement.Run(original, slowed, options, null, burn.ToEnvironment());

        bool passed = unchanged == ExitCodes.Ok && slower == ExitCodes.Regression;
        Console.WriteLine();
        Console.WriteLine(
            $"self-test {(passed ? "passed" : "FAILED")}: the unchanged build ended with {unchanged}, the slowed one with {slower}; "
            + $"expected {ExitCodes.Ok} and {ExitCodes.Regression}");
        return passed ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>What has to be burnt for the slowdown that is asked for, found by a short measurement. Null when that failed.</summary>
    private static BurnTimes? FindBurnTimes(SourceTree original, SourceTree slowed, double slowdown, string json, GateReport unchanged)
    {
        BurnTimes guess = BurnTimes.For(
            slowdown * unchanged.Find(CostRounds.ConnectionFigure).Base, slowdown * unchanged.Find(CostRounds.RoundTripFigure).Base);
        Console.WriteLine();
        Console.WriteLine("What the slowed build has to burn, by a short measurement:");
        GateOptions shortly = new() { Processes = Judge.PairsMin, Rounds = 3 };
        if (Measurement.Run(original, slowed, shortly, json, guess.ToEnvironment()) == ExitCodes.Failed) return null;
        GateReport found = GateReport.Read(json);
        Verdict connection = found.Find(CostRounds.ConnectionFigure), roundTrip = found.Find(CostRounds.RoundTripFigure);
        return guess.Corrected(slowdown * connection.Base, connection.Change * connection.Base, slowdown * roundTrip.Base,
            roundTrip.Change * roundTrip.Base);
    }
}
