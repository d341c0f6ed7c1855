using FastTcpProxy.LoadTest.CommandLine;

namespace FastTcpProxy.LoadTest.Tests.CommandLine;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("10s", 10_000.0)]
    [InlineData("250ms", 250.0)]
    [InlineData("5m", 300_000.0)]
    [InlineData("24h", 86_400_000.0)]
    [InlineData("25h", null)]
    [InlineData("0s", null)]
    [InlineData("10", null)]
    [InlineData("-1s", null)]
    [InlineData("1.5s", null)]
    [InlineData("9999999999s", null)]
    [InlineData("", null)]
    public void Parse_Text_IsADurationOrNone(string text, double? milliseconds) =>
        Assert.Equal(milliseconds, DurationText.Parse(text)?.TotalMilliseconds);

    [Theory]
    [InlineData("10s")]
    [InlineData("250ms")]
    [InlineData("1500ms")]
    public void Format_ParsesAsTheSame(string text) => Assert.Equal(text, DurationText.Format(DurationText.Parse(text)!.Value));
}
