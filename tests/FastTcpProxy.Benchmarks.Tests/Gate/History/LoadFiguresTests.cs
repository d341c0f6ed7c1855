using System.Text.Json;
using FastTcpProxy.Gate.History;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>What the history takes of a load report.</summary>
public sealed class LoadFiguresTests
{
    [Fact]
    public void Parse_Report_TakesThePhasesOfTheClientsAndTheFigures()
    {
        const string report =
            """
            { "scenario": "failover", "phases": [
                { "series": "clients", "phase": "silent", "p99Ms": 5012.5, "errors": 0 },
                { "series": "clients", "phase": "all", "p99Ms": 5000, "errors": 2 },
                { "series": "other", "phase": "all", "p99Ms": 7, "errors": 9 } ],
              "figures": [ { "name": "resident_peak", "value": 48.5, "unit": "MiB" }, { "name": "lost", "value": 0, "unit": "" }, { "name": "unknown" } ] }
            """;
        RunFigure[] expected =
        [
            new("failover", "silent: p99, ms", 5012.5), new("failover", "all: p99, ms", 5000), new("failover", "errors", 2),
            new("failover", "resident_peak, MiB", 48.5), new("failover", "lost", 0),
        ];
        Assert.Equal(expected, LoadFigures.Parse("failover", report));
        Assert.Equal(expected, LoadFigures.Parse("failover",
            report.Replace("p99Ms", "P99Ms", StringComparison.Ordinal).Replace("phases", "Phases", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{ "phases": { "series": "clients" }, "figures": [ 1, null, { "name": 3 } ] }""")]
    public void Parse_ReportOfAnotherShape_IsNoFigureAndNoError(string report) => Assert.Empty(LoadFigures.Parse("churn", report));

    [Fact]
    public void Parse_MoreFiguresThanTheLimit_TakesTheFirst()
    {
        string figures =
            string.Join(',', Enumerable.Range(0, LoadFigures.FiguresMax + 1).Select(i => $$"""{ "name": "f{{i}}", "value": {{i}} }"""));
        Assert.Equal(LoadFigures.FiguresMax, LoadFigures.Parse("churn", $$"""{ "figures": [{{figures}}] }""").Count);
    }

    [Fact]
    public void Parse_NoJson_IsAnError() => Assert.ThrowsAny<JsonException>(() => LoadFigures.Parse("churn", "<html>"));
}
