using FastTcpProxy.Daemon.Systemd;

namespace FastTcpProxy.Daemon.Tests.Systemd;

/// <summary>The manager's wish for signs of life.</summary>
public sealed class WatchdogTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", null, null)]
    [InlineData("15000000", null, 5000)]
    [InlineData("15000000", "", 5000)]
    [InlineData("15000000", "7", 5000)]
    [InlineData("15000000", "8", null)]
    [InlineData("15000000", "x", null)]
    [InlineData("150000", "7", 50)]
    [InlineData("1", "7", 50)]
    public void Parse_GivesAThirdOfTheTime(string? timeout, string? process, int? milliseconds)
    {
        TimeSpan? interval = Watchdog.Parse(timeout, process, 7, out string? fault);

        Assert.Equal(milliseconds, interval?.TotalMilliseconds);
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("15s")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public void Parse_NoMicroseconds_IsAFaultAndNoWatchdog(string timeout)
    {
        Assert.Null(Watchdog.Parse(timeout, "7", 7, out string? fault));
        Assert.Equal($"WATCHDOG_USEC is \"{timeout}\", expected microseconds", fault);
    }
}
