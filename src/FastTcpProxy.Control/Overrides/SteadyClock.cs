namespace FastTcpProxy.Control.Overrides;

/// <summary>
/// Wall time that advances with the monotonic clock. When the wall clock is set, this one does not move before it is told to, and it knows
/// by how much. Guarded by its owner.
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

    /// <summary>The wall time, as if the clock had not been set since <see cref="TakeStep"/>.</summary>
    public DateTimeOffset Now => _utc + _time.GetElapsedTime(_stamp);

    /// <summary>
    /// By how much the wall clock was set since the last time, in whole milliseconds, zero as a rule; from here on this clock goes by it.
    /// </summary>
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
