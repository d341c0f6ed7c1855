using System.Text.Json;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Reporting;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>What people and programs read of a comparison.</summary>
public sealed class ReportTests
{
    private static readonly CostPair[] Slower = [.. Enumerable.Range(0, 7).Select(i => new CostPair(58, 64 + (0.1 * i)))];

    [Fact]
    public void Table_Regression_IsNamedWithFiguresFloorAndConfidence()
    {
        string[] lines = TableReport.Write(Report(Judge.Statistical("CPU us per connection", Slower))).Split('\n');
        string row = Assert.Single(lines, l => l.StartsWith("CPU us per connection", StringComparison.Ordinal));
        Assert.Contains("58.00     64.30   +10.9 %    +4.0 %   +10.5 % .. +11.2 % (95%)", row, StringComparison.Ordinal);
        Assert.EndsWith("REGRESSION", row, StringComparison.Ordinal);
        Assert.Equal("REGRESSION: CPU us per connection", lines[^1]);
    }

    [Fact]
    public void Table_NoRegression_SaysSo()
    {
        string text = TableReport.Write(Report(Judge.Exact("system calls per connection", [30], [30.1], 0.3)));
        Assert.Contains("30.00     30.10     +0.10     +0.30   exact, least of 1", text, StringComparison.Ordinal);
        Assert.EndsWith("no regression", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_Report_IsReadBack()
    {
        GateReport report = Report(Judge.Statistical("CPU us per connection", Slower), Judge.Exact("bytes", [1], [1], 1));
        string json = report.ToJson();
        GateReport back = JsonSerializer.Deserialize(json, GateJson.Default.GateReport)!;
        Assert.Equal(report.Verdicts, back.Verdicts);
        Assert.Equal(58, back.Find("CPU us per connection").Base);
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.True(document.RootElement.GetProperty("isRegression").GetBoolean());
        Assert.Equal("Statistical", document.RootElement.GetProperty("verdicts")[0].GetProperty("kind").GetString());
    }

    private static GateReport Report(params Verdict[] verdicts) => new()
    {
        Base = "a", Head = "b", Machine = MachineFacts.Read(), LoadAverage = 0.1, Options = new GateOptions(), StarvedRounds = 0,
        Verdicts = verdicts,
    };
}
