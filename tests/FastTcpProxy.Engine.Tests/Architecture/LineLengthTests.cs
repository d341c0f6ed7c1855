namespace FastTcpProxy.Engine.Tests.Architecture;

/// <summary>
/// No line of code is longer than <c>.editorconfig</c> says; the compiler does not look at <c>max_line_length</c>. A line within a raw
/// string may be: a break would change the text.
/// </summary>
public sealed class LineLengthTests
{
    private const string RawString = "\"\"\"";

    [Fact]
    public void Code_Lines_FitTheEditorsWidth()
    {
        int max = LengthMax();
        string[] offenders = [.. new[] { "src", "tests", "bench", "loadtest" }
            .SelectMany(folder => SourceTree.CSharpFiles(folder))
            .SelectMany(path => LongLines(File.ReadLines(path), max).Select(line => $"{SourceTree.Relative(path)}:{line}"))];

        Assert.Equal([], offenders);
    }

    [Theory]
    [InlineData("123456789", new[] { 1 })]
    [InlineData("12345678", new int[0])]
    [InlineData("x = \"\"\"\n123456789\n  \"\"\";\n123456789", new[] { 4 })]
    [InlineData("x = \"\"\"y\"\"\";\n123456789", new[] { 1, 2 })]
    public void LongLines_OfAText_AreThoseOutsideOfRawStrings(string text, int[] lines) =>
        Assert.Equal(lines, LongLines(text.Split('\n'), 8));

    private static IEnumerable<int> LongLines(IEnumerable<string> lines, int max)
    {
        bool isWithin = false;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (isWithin)
            {
                isWithin = !line.TrimStart().StartsWith(RawString, StringComparison.Ordinal);
                if (isWithin) continue;
            }
            else isWithin = line.EndsWith(RawString, StringComparison.Ordinal) && line.Split(RawString).Length % 2 == 0;
            if (line.Length > max) yield return number;
        }
    }

    private static int LengthMax()
    {
        string rule = File.ReadLines(Path.Combine(SourceTree.Root, ".editorconfig"))
            .Single(l => l.StartsWith("max_line_length", StringComparison.Ordinal));
        return int.Parse(rule.Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
