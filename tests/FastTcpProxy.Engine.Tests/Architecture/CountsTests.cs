using System.Text.RegularExpressions;

namespace FastTcpProxy.Engine.Tests.Architecture;

/// <summary>A number that may be one stands with its noun in the right number, and <c>Counted</c> alone knows how.</summary>
public sealed partial class CountsTests
{
    /// <summary>Numbers that are never one: bounds by their names, and what the code before them makes two or more.</summary>
    private static readonly string[] NeverOne =
    [
        "bytesMax", "max", "ForMax.TotalDays:0", "Recent.TotalMinutes:0", "limit", "Somaxconn", "Found", "Count", "Intervals", "tried",
        "probes",
    ];

    [Fact]
    public void Count_InAText_IsWrittenByCounted()
    {
        List<string> wrong = [];
        foreach (string path in SourceTree.CSharpFiles("src"))
        {
            foreach (Match match in NumberAndNoun().Matches(File.ReadAllText(path)))
            {
                string number = match.Groups["number"].Value;
                if (!number.EndsWith("Max", StringComparison.Ordinal) && !NeverOne.Contains(number.Split('.', 2)[^1])
                    && !NeverOne.Contains(number))
                    wrong.Add($"{SourceTree.Relative(path)}: {match.Value}");
            }
        }
        Assert.True(wrong.Count == 0, "Write these with Counted.Of, which knows \"1 byte\":\n" + string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("$\"it has {bytes.Length} bytes\"", true)]
    [InlineData("\"{Dropped} lines were lost\"", true)]
    [InlineData("$\"{x.Count} more sessions\"", true)]
    [InlineData("$\"{Counted.Of(x.Count, \"session\")} left\"", false)]
    [InlineData("$\"takes {Family(v4)} clients only\"", false)]
    [InlineData("if (bytes is { } bytes)", false)]
    public void Pattern_FindsNumbersWithNouns(string code, bool expected) => Assert.Equal(expected, NumberAndNoun().IsMatch(code));

    [GeneratedRegex(@"\{(?<number>[^{}""\s(),?;]+(?:\(\))?)\}(?: more| other| further| earlier)? "
        + "(?:bytes|characters|headers|changes|sessions|clients|addresses|probes|upstreams|services|listeners|descriptors|connections|"
        + "lines|errors|records|intervals|loops|times|items|names|digits|defects|threads|overrides|generations|entries|levels|"
        + "attempts|processes|networks|certificates|checks|files|sockets|warnings|problems|hours|minutes|days|seconds)\\b")]
    private static partial Regex NumberAndNoun();
}
