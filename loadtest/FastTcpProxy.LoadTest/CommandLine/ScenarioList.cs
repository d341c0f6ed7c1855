using System.Globalization;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Scenarios;

namespace FastTcpProxy.LoadTest.CommandLine;

/// <summary>What <c>list</c> prints: each scenario with its full run, and the shortest run that has all its figures. Pure.</summary>
internal static class ScenarioList
{
    private const string Name = "scenario", Summary = "what happens";

    public static string ToText() => TextReport.ToText(console => TextReport.WriteTable(console,
        new ReportTable([Name, Summary, "rate", "full run", "at least"], Catalogue.All.Select(Row), heading => heading is Name or Summary),
        heading => heading == Summary));

    private static string[] Row(Scenario scenario) =>
    [
        scenario.Name, scenario.Summary, scenario.Rate.ToString("N0", CultureInfo.InvariantCulture), DurationText.Format(scenario.Duration),
        DurationText.Format(scenario.DurationMinOf(LoadOptions.Of(scenario))),
    ];
}
