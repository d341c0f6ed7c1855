using FastTcpProxy.Daemon.Host;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>Which of several signals is the second request, by a clock that the test moves.</summary>
public sealed class EndSignalsTests
{
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("SIGTERM", "SIGTERM", 0, false)]
    [InlineData("SIGTERM", "SIGTERM", 30, false)]
    [InlineData("SIGINT", "SIGTERM", 500, false)]
    [InlineData("SIGTERM", "SIGINT", 501, true)]
    [InlineData("SIGINT", "SIGINT", 60_000, true)]
    public async Task Second_CountsWhenItIsLaterThanHalfASecond(string first, string second, int afterMs, bool counts)
    {
        EndSignals signals = new(_time);

        signals.Take(first);
        _time.Advance(TimeSpan.FromMilliseconds(afterMs));
        signals.Take(second);

        Assert.Equal(first, await signals.First);
        Assert.Equal(counts, signals.Second.IsCompleted);
        if (counts) Assert.Equal(second, await signals.Second);
    }

    /// <summary>An impatient row of signals: the time is counted from the first, not from the one before.</summary>
    [Fact]
    public async Task Row_TheFirstOneAfterHalfASecondCounts()
    {
        EndSignals signals = new(_time);
        for (int i = 0; i < 3; i++)
        {
            signals.Take("SIGINT");
            _time.Advance(TimeSpan.FromMilliseconds(200));
        }
        Assert.False(signals.Second.IsCompleted);

        signals.Take("SIGTERM");

        Assert.Equal("SIGTERM", await signals.Second);
    }
}
