using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Testing.Time;

/// <summary>
/// A clock that a test moves, and whose wall time can be set as an administrator or NTP does: the monotonic clock and the timers do not
/// notice. One test owns it.
/// </summary>
public sealed class SettableTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private TimeSpan _by;

    public void SetWallClock(TimeSpan by) => _by += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _by;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
