using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Scenarios;

/// <summary>All scenarios, in the order in which <c>list</c> shows them. Immutable.</summary>
public static class Catalogue
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new ChurnScenario(), new ThroughputScenario(), new IdleScenario(), new SlowScenario(), new HoardersScenario(), new BurstScenario(),
        new FailoverScenario(),
        new HedgedScenario(), new SuspectScenario(), new ReturnScenario(),
        new WorstCaseScenario(WorstCase.Plain), new WorstCaseScenario(WorstCase.Checked), new WorstCaseScenario(WorstCase.Hedged),
        new ReloadScenario(), new SoakScenario(),
    ];

    /// <summary>Null when there is none of this name.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(s => s.Name == name);
}
