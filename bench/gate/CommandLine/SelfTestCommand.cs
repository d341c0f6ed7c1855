using System.CommandLine;
using System.Text.Json;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Reporting;
using FastTcpProxy.Gate.Trees;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>
/// <c>self-test [REVISION]</c>: shows that the gate passes an unchanged build and fails one that was made slower on purpose. Used by the main thread.
/// </summary>
internal static class SelfTestCommand
{
    private const double SlowdownDefault = 0.10;

    /// <summary>Steps of the relay in a connection of the load: what they burn is part of what a connection is to burn.</summary>
    private const double StepsPerConnection = 4;

    public static Command Build()
    {
        Argument<string> revision = new("REVISION") { Description = "What is built.", DefaultValueFactory = _ => "HEAD" };
        Option<double> slowdown = new("--slowdown") { Description = "How much slower, as a part of the cost.", DefaultValueFactory = _ => SlowdownDefault };
        MeasureOptions measure = new();
        Command command = new(
            "self-test", "Builds one revision twice and once slowed down by a tenth, and checks that the gate passes the twin and fails the slowed one.")
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

        Console.WriteLine("The same source, built twice:");
        string json = Path.Combine(folder.Path, "twin.json");
        int unchanged = Measurement.Run(original, twin, options, json, new Dictionary<string, string>());
        if (unchanged is not (ExitCodes.Ok or ExitCodes.Regression)) return ExitCodes.Failed;

        GateReport report = JsonSerializer.Deserialize(File.ReadAllText(json), GateJson.Default.GateReport)!;
        double connectionUs = report.CostOf(CostRounds.ConnectionFigure) * slowdown, roundTripUs = report.CostOf(CostRounds.RoundTripFigure) * slowdown;
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"Slowed down by {slowdown:0.#%}: {connectionUs:0.00} us of each connection, {roundTripUs:0.00} us of each round trip:"));
        int slower = Measurement.Run(original, slowed, options, null, SlowedSource.Environment(connectionUs, StepsPerConnection, roundTripUs));

        bool passed = unchanged == ExitCodes.Ok && slower == ExitCodes.Regression;
        Console.WriteLine();
        Console.WriteLine($"self-test {(passed ? "passed" : "FAILED")}: the unchanged build ended with {unchanged}, the slowed one with {slower}; expected {ExitCodes.Ok} and {ExitCodes.Regression}");
        return passed ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
