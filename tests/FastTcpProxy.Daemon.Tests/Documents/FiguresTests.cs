using System.Text.RegularExpressions;

namespace FastTcpProxy.Daemon.Tests.Documents;

/// <summary>The figures of the README's first screen are those of the results that it links to.</summary>
public sealed partial class FiguresTests
{
    [Fact]
    public void FirstScreen_ItsFigures_AreInTheResults()
    {
        string screen = Document.Read("README.md").Text.Split("\n## ")[0];
        (string File, string Figure)[] figures = [.. from line in screen.Split('\n')
            let link = Link().Match(line)
            where link.Success
            from Match figure in Figure().Matches(line[(link.Index + link.Length)..])
            select (link.Groups[1].Value, figure.Value)];

        Assert.Equal(3, figures.Select(f => f.File).Distinct()
            .Sum(f => screen.Split('\n').Count(l => l.Contains($"({f})", StringComparison.Ordinal))));
        Assert.All(figures, f => Assert.Matches($@"(?<![\d.,]){Regex.Escape(f.Figure)}(?![\d]|[.,]\d)", Document.Read(f.File).Text));
        Assert.Equal(7, figures.Length);
    }

    [GeneratedRegex(@"^\|.*\]\(([a-z]+/RESULTS\.md)\)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\d[\d,]*(?:\.\d+)?")]
    private static partial Regex Figure();
}
