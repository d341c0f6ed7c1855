using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Tests.Texts;

/// <summary>Lines for a terminal are broken between words, and nothing of them is lost.</summary>
public sealed class FoldedTests
{
    [Theory]
    [InlineData("", 10, "")]
    [InlineData("one two", 7, "one two")]
    [InlineData("one two", 6, "one\n  two")]
    [InlineData("one two three four", 9, "one two\n  three\n  four")]
    [InlineData("averylongword b", 5, "averylongword\n  b")]
    [InlineData("one two", int.MaxValue, "one two")]
    [InlineData("  one two", 9, "  one two")]
    [InlineData("  one two", 8, "  one\n    two")]
    [InlineData("   ", 2, "   ")]
    public void Of_Line_IsBrokenBetweenWords(string line, int width, string expected) => Assert.Equal(expected, Folded.Of(line, width));
}
