using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Gate.History;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>Runs for the tests of the history.</summary>
internal static class Runs
{
    public const string Bytes = "allocated bytes per connection";

    /// <summary>A run with one figure.</summary>
    /// <param name="day">When: days after a fixed date.</param>
    public static RunRecord Run(int day, Outcome outcome = Outcome.Passed, double head = 800, string name = "abc a change",
        bool isRegression = false) => new()
    {
        Date = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero).AddDays(day),
        Outcome = outcome,
        Base = new Revision("the base", null),
        Head = new Revision(name, $"commit{day}"),
        Machine = new MachineFacts("a processor", 2, "Linux 6", ".NET 10"),
        Steps = [new RunStep("gate", outcome, null)],
        Figures = [new RunFigure(RunFigure.GateGroup, Bytes, head, 800, head - 800, 1, VerdictKind.Exact, isRegression)],
    };
}
