using FastTcpProxy.LoadTest.Reporting;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class MarkdownReportTests
{
    [Fact]
    public void Write_HasCommandPhasesFiguresVerdictsAndNotes()
    {
        string text = MarkdownReport.Write(Samples.Run, Samples.Verdicts);

        Assert.Contains("\n\n    run failover --rate 5\n\n", text, StringComparison.Ordinal);
        Assert.Contains("| silent | 1,234 | 3 | 1.25 | 1.38 | 5012 | 5012 | 5012 | 0.75 | 1231 failed over, 3 reset |\n", text,
            StringComparison.Ordinal);
        Assert.Contains("| admin: silent | 7 |", text, StringComparison.Ordinal);
        Assert.Contains("| memory_max_mib | 64.25 | MiB |\n", text, StringComparison.Ordinal);
        Assert.Contains("- holds: silent.p99_ms", text, StringComparison.Ordinal);
        Assert.Contains("- **breached**: silent.errors is 3, expected at most 0\n", text, StringComparison.Ordinal);
        Assert.EndsWith("- its SYN packets are dropped\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_HostileTexts_EndNoCellAndBeginNoTag()
    {
        string text = MarkdownReport.Write(Samples.WithHostileTexts, []);

        // A block of code shows what it has as it is.
        string[] lines = [.. text.Split('\n').Where(l => !l.StartsWith("    ", StringComparison.Ordinal))];
        Assert.DoesNotContain(lines, l => l.Contains("<script", StringComparison.Ordinal) || l.StartsWith('d'));
        Assert.Equal(11, Assert.Single(lines, l => l.StartsWith("| a\\|b", StringComparison.Ordinal)
            && l.Contains("failed over", StringComparison.Ordinal)).Replace("\\|", "").Count(c => c == '|'));
    }
}
