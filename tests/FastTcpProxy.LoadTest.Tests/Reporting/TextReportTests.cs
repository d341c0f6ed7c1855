using FastTcpProxy.LoadTest.Reporting;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class TextReportTests
{
    [Fact]
    public void ToText_ARowIsALine_ItsFatesStandBelow()
    {
        string[] lines = TextReport.ToText(Samples.Run, Samples.Verdicts).Split('\n');

        string silent = Assert.Single(lines, l => l.TrimStart().StartsWith("silent ", StringComparison.Ordinal));
        Assert.Equal(["silent", "1,234", "3", "1.25", "1.38", "5012", "5012", "5012", "0.75"],
            silent.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("silent: 1231 failed over, 3 reset", lines.Select(l => l.TrimEnd()));
        Assert.Contains(lines, l => l.StartsWith("breached: silent.errors is 3, expected at most 0", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("thresholds hold", StringComparison.Ordinal));
    }

    /// <summary>The longest names and figures that a run has, and latencies that are unknown.</summary>
    [Fact]
    public void ToText_Tables_FitHundredColumns()
    {
        PhaseResult widest = Samples.Run.Phases[1] with
        {
            Series = "attackers", Phase = "after_writers_arrive", Count = 180_000_000, Errors = 180_000_000, P50Ms = 120_000,
            P90Ms = 120_000, P99Ms = 120_000, P999Ms = 120_000, MaxMs = 300_000, LastSlowSeconds = 86_399.999,
        };
        string[] lines = TextReport.ToText(
            Samples.Run with { Phases = [widest, widest with { P50Ms = null, LastSlowSeconds = null }], Figures = [], Notes = [] }, [])
            .Split('\n');

        Assert.All(lines, l => Assert.True(l.TrimEnd().Length <= 100, l));
        Assert.Contains(lines, l => l.Contains("86,399.999", StringComparison.Ordinal)
            && l.Contains("180,000,000", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.TrimEnd().EndsWith(" -", StringComparison.Ordinal));
    }

    /// <summary>A program that reads the output finds a sentence on one line.</summary>
    [Fact]
    public void ToText_ALongSentence_IsOneLine()
    {
        string note = string.Join(' ', Enumerable.Repeat("word", 200));

        Assert.Contains($"note: {note}", TextReport.ToText(Samples.Run with { Notes = [note] }, []), StringComparison.Ordinal);
    }

    [Fact]
    public void ToText_AllHolds_SaysHowManyDid() =>
        Assert.Contains("all 1 thresholds hold", TextReport.ToText(Samples.Run, [Samples.Verdicts[0]]), StringComparison.Ordinal);

    [Fact]
    public void ToText_TextsThatLookLikeMarkup_AreShown() =>
        Assert.Contains("note: [red]x[/]", TextReport.ToText(Samples.Run with { Notes = ["[red]x[/]"] }, []), StringComparison.Ordinal);
}
