using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class ComparisonReportTests
{
    private static readonly RunResult[] Runs =
        [Samples.Run, Samples.Run with { Proxy = "HAProxy 2.6.12-1+deb12u3", Phases = [Samples.Run.Phases[0]] }];

    [Fact]
    public void ToMarkdown_ARowForEachPhaseOfTheClientsAndEachProxy()
    {
        string text = ComparisonReport.ToMarkdown(Runs);

        Assert.StartsWith("| phase | proxy | p50 ms | p99 ms | max ms | errors | count | recover s |\n| --- | --- | ---: |", text,
            StringComparison.Ordinal);
        Assert.Contains("\n| silent | fasttcpproxy 0.1.0 | 1.25 | 5012 | 5012 | 3 | 1,234 | 0.75 |\n"
            + "| silent | HAProxy 2.6.12-1+deb12u3 | - | - | - | 0 | 0 | - |\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("admin", text, StringComparison.Ordinal);
    }

    /// <summary>A terminal shows a table, not Markdown.</summary>
    [Fact]
    public void Write_IsATableOfAtMostHundredColumns()
    {
        string[] lines = TextReport.ToText(console => ComparisonReport.Write(console,
            [Runs[0], Runs[1] with { Proxy = "fasttcpproxy " + new string('v', 150) }])).Split('\n');

        Assert.DoesNotContain(lines, l => l.Contains('|') || l.TrimEnd().Length > 100);
        Assert.Contains(lines, l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is
            ["silent", "fasttcpproxy", "0.1.0", "1.25", "5012", "5012", "3", "1,234", "0.75"]);
    }
}
