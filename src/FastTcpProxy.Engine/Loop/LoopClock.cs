namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// What a loop knows of time: the monotonic clock, for what is measured; the time that the loop had, for deadlines; the wall clock, for
/// what is noted. A value inside its loop. Used only inside the loop, except for <see cref="NowUs"/>, <see cref="SharedUs"/> and
/// <see cref="UtcNow"/>.
/// </summary>
/// <param name="time">Where it is read.</param>
internal struct LoopClock(TimeProvider time)
{
    /// <summary>
    /// A tick that comes more than this after the previous one ends a gap: the process was stopped, its machine was frozen, or it had no
    /// processor. The part of the gap beyond this does not count for deadlines. Ten ticks: more than the usual delay of a tick on a busy
    /// machine.
    /// </summary>
    public const int GapMs = 10 * TimerWheel.TickMs;

    private readonly long _origin = time.GetTimestamp();
    private readonly double _microsecondsPerStamp = 1_000_000.0 / time.TimestampFrequency;

    // The sum of all gaps so far, without the parts that count.
    private long _lostMs;

    /// <summary>Microseconds since the loop was made: for measurements, which count gaps too.</summary>
    public readonly long NowUs => (long)((time.GetTimestamp() - _origin) * _microsecondsPerStamp);

    public readonly DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>The time that the loop had, in milliseconds, at the last tick.</summary>
    public long TickMs { get; private set; }

    /// <summary>The monotonic clock at the last tick, in milliseconds, gaps included: the same for all loops of the process.</summary>
    public long TickSharedMs { get; private set; }

    /// <summary>The wall clock at the last tick, in milliseconds since 1970.</summary>
    public long TickUtcMs { get; private set; } = time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether a gap is under way, as far as is known before the tick that ends it. Reads the clock.</summary>
    public readonly bool IsInGap => NowUs / 1000 - _lostMs > TickMs + GapMs;

    /// <summary>
    /// The time that the loop had, at a moment since the last tick. It stands still in a gap and never goes back. It is rounded up, and a
    /// tick is rounded down. So a deadline that starts from the one and expires by the other is never early, not even by a part of a
    /// millisecond.
    /// </summary>
    /// <param name="nowUs">What <see cref="NowUs"/> was then.</param>
    public readonly long ToMs(long nowUs) => Math.Min((nowUs + 999) / 1000 - _lostMs, TickMs + GapMs);

    /// <summary>The monotonic clock now, in microseconds, gaps included: the same for all loops of the process.</summary>
    public readonly long SharedUs => (long)(time.GetTimestamp() * _microsecondsPerStamp);

    private readonly long SharedMs => SharedUs / 1_000;

    /// <summary>The loop ticks. True: a gap has ended.</summary>
    public bool Tick()
    {
        long nowMs = NowUs / 1000 - _lostMs, lostMs = Math.Max(0, nowMs - (TickMs + GapMs));
        _lostMs += lostMs;
        TickMs = nowMs - lostMs;
        TickUtcMs = UtcNow.ToUnixTimeMilliseconds();
        TickSharedMs = SharedMs;
        return lostMs > 0;
    }
}
