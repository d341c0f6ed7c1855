using FastTcpProxy.LoadTest.Reporting;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

public sealed class TextReportTests
{
    [Fact]
    public void ToText_ARowIsALine_WithItsFates()
    {
        string[] lines = TextReport.ToText(Samples.Run, Samples.Verdicts).Split('\n');

        string silent = Assert.Single(lines, l => l.TrimStart().StartsWith("silent ", StringComparison.Ordinal));
        Assert.Equal(["silent", "1,234", "3", "1.25", "1.38", "5012", "5012", "5012", "0.75", "1231", "failed", "over,", "3", "reset"],
            silent.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(lines, l => l.StartsWith("breached: silent.errors is 3, expected at most 0", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("thresholds hold", StringComparison.Ordinal));
    }

    [Fact]
    public void ToText_AllHolds_SaysHowManyDid() =>
        Assert.Contains("all 1 thresholds hold", TextReport.ToText(Samples.Run, [Samples.Verdicts[0]]), StringComparison.Ordinal);

    [Fact]
    public void ToText_TextsThatLookLikeMarkup_AreShown() =>
        Assert.Contains("note: [red]x[/]", TextReport.ToText(Samples.Run with { Notes = ["[red]x[/]"] }, []), StringComparison.Ordinal);
}
