using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>What of Kestrel's log reaches the operator.</summary>
public sealed class KestrelLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void Log_WarningsComeThroughOnceASecond()
    {
        KestrelLog log = new(new OperationalLog(_time, new EventLines(_lines.Add)), _time);

        for (int i = 0; i < 5; i++) log.CreateLogger("x").LogWarning("full");
        _time.Advance(TimeSpan.FromSeconds(1));
        log.CreateLogger("y").LogError("broken");
        log.CreateLogger("y").LogInformation("chatter");

        Assert.Collection(
            _lines,
            first => Assert.EndsWith(" warning 6001 administrative interface: full", first),
            second => Assert.EndsWith(" warning 6001 administrative interface: broken (4 more since the last line)", second));
    }
}
