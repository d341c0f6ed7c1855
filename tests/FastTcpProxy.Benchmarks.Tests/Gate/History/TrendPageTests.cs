using System.Text.RegularExpressions;
using System.Xml.Linq;
using FastTcpProxy.Gate.History;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Benchmarks.Tests.Gate.History;

/// <summary>The page of the trend.</summary>
public sealed class TrendPageTests
{
    [Fact]
    public void Write_Runs_DrawsAPointForEachAndMarksThoseThatFailed()
    {
        RunRecord[] runs = [Runs.Run(1), Runs.Run(2, Outcome.Regression, 900, isRegression: true), Runs.Run(3, Outcome.NoVerdict),
            Runs.Run(4, name: "def another")];
        XElement chart = Assert.Single(Charts(TrendPage.Write(runs, runs[0])));
        Assert.Equal(["passed", "regression", "failed", "passed"], Marks(chart).Select(m => (string)m.Attribute("class")!));
        // The line joins the runs that passed, and no other.
        Assert.Equal(2, ((string)chart.Element("polyline")!.Attribute("points")!).Split(' ').Length);
        Assert.Equal("baseline: 800",
            chart.Elements("line").Single(l => (string?)l.Attribute("class") == "baseline").Element("title")!.Value);
        string title = Marks(chart).Last().Element("title")!.Value;
        Assert.Contains("def another", title, StringComparison.Ordinal);
        Assert.Contains("2026-01-05 12:00 UTC, passed", title, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_HostileNames_AreEscaped()
    {
        RunRecord run = Runs.Run(1, name: "<script>alert(1)</script> & \"so on\"");
        run = run with
        {
            Base = new Revision("<b>", null), Steps = [new RunStep("<i>", Outcome.Passed, "<u>")],
            Figures = [new RunFigure("<p>", "<q>", 1)],
            Machine = run.Machine with { CpuModel = "<em>" },
        };
        string page = TrendPage.Write([run], run);
        foreach (string hostile in new[] { "<script", "<b>", "<i>", "<u>", "<p>, <q>", "<em>" })
            Assert.DoesNotContain(hostile, page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Page_NeedsNothingElse()
    {
        string page = TrendPage.Write([Runs.Run(1)], null);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.Contains("There is no baseline yet", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NoRun_SaysSo() => Assert.Contains("No run yet", TrendPage.Write([], null), StringComparison.Ordinal);

    [Fact]
    public void Write_MoreRunsThanAreDrawn_DrawsTheNewest()
    {
        RunRecord[] runs = [.. Enumerable.Range(0, TrendPage.RunsMax + 1).Select(i => Runs.Run(i))];
        XElement[] marks = [.. Marks(Assert.Single(Charts(TrendPage.Write(runs, null))))];
        Assert.Equal(TrendPage.RunsMax, marks.Length);
        Assert.Contains("2026-01-02", marks[0].Element("title")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_FigureThatSomeRunsLack_IsDrawnFromTheOthers()
    {
        RunRecord with = Runs.Run(2);
        with = with with { Figures = [.. with.Figures, new RunFigure("churn", "all: p99, ms", 12),
            new RunFigure("churn", "lost", double.NaN)] };
        XElement[] charts = [.. Charts(TrendPage.Write([Runs.Run(1), with], Runs.Run(1)))];
        Assert.Equal([2, 1, 0], charts.Select(c => Marks(c).Count()));
    }

    [Theory]
    // Noise is not drawn as mountains.
    [InlineData(100, 100.1, 5, 95.05, 105.05)]
    [InlineData(100, 200, 5, 95, 205)]
    [InlineData(0, 0, 0, 0, 1)]
    // Nothing that is never negative gets an axis below nothing.
    [InlineData(0, 10, 1, 0, 10.5)]
    [InlineData(-10, 10, 1, -11, 11)]
    public void Range_Values_AreShownWithRoom(double least, double most, double span, double low, double high)
    {
        (double l, double h) = TrendChart.Range([least, most], span);
        Assert.Equal((low, high), (Math.Round(l, 4), Math.Round(h, 4)));
    }

    [Theory]
    [InlineData(VerdictKind.Exact, 0.3, 0.3)]
    [InlineData(VerdictKind.Statistical, 0.04, 8)]
    [InlineData(null, null, 10)]
    public void SpanOf_Figure_IsWhatIsLetPass(VerdictKind? kind, double? limit, double span) =>
        Assert.Equal(span, TrendChart.SpanOf(new RunFigure("gate", "figure", Head: 200, Limit: limit, Kind: kind)));

    /// <summary>Each chart, read as XML: what is not escaped, or left open, is an error.</summary>
    private static IEnumerable<XElement> Charts(string page) =>
        Regex.Matches(page, "<svg.*?</svg>", RegexOptions.Singleline).Select(m => XElement.Parse(m.Value));

    private static IEnumerable<XElement> Marks(XElement chart) => chart.Elements().Where(e => e.Name.LocalName is "circle" or "path");
}
