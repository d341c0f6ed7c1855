using CsCheck;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Control.Tests.Health.Probing;

public sealed class ProbeTextTests
{
    [Theory]
    [InlineData("status 200", "status 200")]
    [InlineData("a\r\nb\u001b[0m\u202ec\u2028", "a\\u{000D}\\u{000A}b\\u{001B}[0m\\u{202E}c\\u{2028}")]
    [InlineData("größer \ud83d\ude00", "größer \ud83d\ude00")]
    public void Line_AnyText_IsPrintable(string text, string expected) => Assert.Equal(expected, ProbeText.Line(text));

    /// <summary>Not a row of the table: a runner may write rows as UTF-8.</summary>
    [Fact]
    public void Line_HalfACharacter_IsReplaced() => Assert.Equal("half \ufffd", ProbeText.Line("half \ud83d"));

    [Theory]
    [InlineData(ProbeResult.TextMax, false)]
    [InlineData(ProbeResult.TextMax + 1, true)]
    public void Line_LongText_IsCut(int length, bool isCut)
    {
        foreach (var letter in "aé")
        {
            var line = ProbeText.Line(new string(letter, length));
            Assert.Equal(ProbeResult.TextMax, line.Length);
            Assert.Equal(isCut, line.EndsWith("...", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Line_AnyCharacters_IsOneLineWithinItsBound() => Gen.String[Gen.Char, 0, 400].Sample(text =>
    {
        var line = ProbeText.Line(text);
        Assert.InRange(line.Length, 0, ProbeResult.TextMax);
        Assert.DoesNotContain(line, char.IsControl);
    });

    [Theory]
    [InlineData(5000, "5 s")]
    [InlineData(1500, "1.5 s")]
    [InlineData(250, "250 ms")]
    [InlineData(0.5, "0.5 ms")]
    public void Span_Time_IsWrittenAsPeopleDo(double milliseconds, string expected) =>
        Assert.Equal(expected, ProbeText.Span(TimeSpan.FromMilliseconds(milliseconds)));
}
