namespace FastTcpProxy.Control.Overrides;

/// <summary>
/// Wall time that goes on by the monotonic clock: when somebody sets the wall clock, this one does not move before it is told to, and by how much is known.
/// Guarded by whoever owns it.
/// </summary>
internal sealed class SteadyClock
{
    /// <summary>What is less is no step: both clocks are slewed alike, and only read one after the other.</summary>
    public static readonly TimeSpan StepMin = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private long _stamp;
    private DateTimeOffset _utc;

    public SteadyClock(TimeProvider time)
    {
        _time = time;
        Adopt(time.GetUtcNow());
    }

    /// <summary>The wall time, as if nobody had set the clock since <see cref="TakeStep"/>.</summary>
    public DateTimeOffset Now => _utc + _time.GetElapsedTime(_stamp);

    /// <summary>By how much the wall clock was set since the last time, in whole milliseconds, zero as a rule; from here on this clock goes by it.</summary>
    public TimeSpan TakeStep()
    {
        DateTimeOffset wall = _time.GetUtcNow();
        TimeSpan step = wall - Now;
        if (step.Duration() < StepMin) return TimeSpan.Zero;
        Adopt(wall);
        return TimeSpan.FromMilliseconds(Math.Round(step.TotalMilliseconds));
    }

    private void Adopt(DateTimeOffset wall)
    {
        _stamp = _time.GetTimestamp();
        _utc = wall;
    }
}
