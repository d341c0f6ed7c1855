using CsCheck;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Tests.Texts;

/// <summary>Texts from outside on one line. Pure.</summary>
public sealed class OneLineTests
{
    private const int LengthMax = 200;

    [Theory]
    [InlineData("", "")]
    [InlineData("plain text", "plain text")]
    [InlineData("aé中😀", "aé中😀")]
    [InlineData("a\r\nb\tc", @"a\u000d\u000ab\u0009c")]
    [InlineData("\e[31m", @"\u001b[31m")]
    [InlineData("\u202Eabc", @"\u202eabc")]
    [InlineData("a\u2028b\u2029", @"a\u2028b\u2029")]
    [InlineData("\u0085", @"\u0085")]
    [InlineData("\uE000\u0378", @"\ue000\u0378")]
    [InlineData("\U000E0001x", @"\udb40\udc01x")]
    public void Escape_WhatIsNotPrintable_IsWrittenOut(string text, string escaped) => Assert.Equal(escaped, OneLine.Escape(text));

    /// <summary>Not in the table above: attributes hold UTF-8, which has no halves.</summary>
    [Fact]
    public void Escape_HalvesOfAPair_AreWrittenOut()
    {
        Assert.Equal(@"a\ud83d", OneLine.Escape("a" + (char)0xD83D));
        Assert.Equal(@"\ude00\ud83d b", OneLine.Escape(string.Concat((char)0xDE00, (char)0xD83D, " b")));
    }

    [Theory]
    [InlineData(LengthMax, false)]
    [InlineData(LengthMax + 1, true)]
    public void Escape_LongText_IsCut(int length, bool isCut)
    {
        foreach (char letter in "aé")
        {
            string line = OneLine.Escape(new string(letter, length), LengthMax);
            Assert.Equal(LengthMax, line.Length);
            Assert.Equal(isCut, line.EndsWith("...", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("12345678", 8, "12345678")]
    [InlineData("123456789", 8, "12345...")]
    [InlineData("1234\n", 8, "1234...")]
    [InlineData("1\n3\n", 8, @"1...")]
    public void Escape_CutWithinAnEscape_LeavesItOut(string text, int lengthMax, string cut) =>
        Assert.Equal(cut, OneLine.Escape(text, lengthMax));

    [Fact]
    public void Escape_AnyCharacters_IsOneLineWithinItsBound() => Gen.String[Gen.Char, 0, 400].Sample(text =>
    {
        string line = OneLine.Escape(text, LengthMax);
        Assert.InRange(line.Length, 0, LengthMax);
        Assert.DoesNotContain(line, char.IsControl);
    });
}
