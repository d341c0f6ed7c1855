using System.Diagnostics;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>The time by which several waits must all have ended, so that a peer that sends slowly gains nothing. Immutable, any
/// thread.</summary>
internal readonly struct TimeBound
{
    private readonly long _end;

    private TimeBound(long end) => _end = end;

    public static TimeBound After(TimeSpan time) => new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    /// <summary>Never.</summary>
    public static TimeBound None => new(long.MaxValue);

    /// <summary>What is left, rounded up so that a wait never ends early; 0 when nothing is.</summary>
    public int RemainingMs =>
        (int)Math.Min(int.MaxValue, Math.Ceiling(Math.Max(0, _end - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency));
}
