using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>Times as <c>status</c> says them. Pure.</summary>
public sealed class TimeTextTests
{
    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(0, "0s")]
    [InlineData(0.999, "0s")]
    [InlineData(1, "1s")]
    [InlineData(59.9, "59s")]
    [InlineData(60, "1m")]
    [InlineData(192, "3m 12s")]
    [InlineData(3599, "59m 59s")]
    [InlineData(3600, "1h")]
    [InlineData(7530, "2h 5m")]
    [InlineData(86399, "23h 59m")]
    [InlineData(86400, "1d")]
    [InlineData(356400, "4d 3h")]
    [InlineData(864000000, "10000d")]
    public void Span_HasTwoUnits(double seconds, string expected) => Assert.Equal(expected, TimeText.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(0, "under 0.1 ms")]
    [InlineData(0.099, "under 0.1 ms")]
    [InlineData(0.1, "0.1 ms")]
    [InlineData(0.44, "0.4 ms")]
    [InlineData(9.94, "9.9 ms")]
    [InlineData(12.4, "12 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(5003.1, "5.0 s")]
    public void Milliseconds_HaveAUnit(double milliseconds, string expected) => Assert.Equal(expected, TimeText.Milliseconds(milliseconds));
}
