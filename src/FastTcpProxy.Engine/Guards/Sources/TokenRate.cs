namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// A rate with a burst, as a token bucket by the generic cell rate algorithm (ITU-T I.371, annex A). A bucket is one number: the time at
/// which it is full again. Each token that is taken moves it on by the interval, and it may lie ahead by what the burst allows. So nothing
/// has to run to fill it, and it is taken from by one compare-and-swap. The default value is no limit. Pure.
/// </summary>
public readonly record struct TokenRate
{
    /// <summary>Tokens a second. At the most the interval is 100 ns, which its rounding to whole ones falsifies by less than 1 %.</summary>
    public const double PerSecondMax = 10_000_000;

    /// <summary>An empty bucket is full again within this time: 30 days. Sums of times stay far from the end of a long.</summary>
    public const long FillNsMax = 30L * 24 * 3_600 * 1_000_000_000;

    private TokenRate(long intervalNs, int burst) => (IntervalNs, Burst) = (intervalNs, burst);

    /// <summary>How long a token takes to come, in nanoseconds; 0: there is no limit.</summary>
    public long IntervalNs { get; }

    /// <summary>Tokens of a full bucket.</summary>
    public int Burst { get; }

    public bool IsLimited => IntervalNs > 0;

    /// <summary>So many tokens a second, and so many at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not above 0 or beyond <see cref="PerSecondMax"/>, the burst is below 1, or
    /// an empty bucket takes longer than <see cref="FillNsMax"/> to fill.</exception>
    public static TokenRate Of(double perSecond, int burst)
    {
        if (!(perSecond is > 0 and <= PerSecondMax))
            throw new ArgumentOutOfRangeException(nameof(perSecond), perSecond, "A rate is above 0 and at most 10,000,000 a second.");
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        double intervalNs = Math.Round(1e9 / perSecond);
        if (intervalNs * burst > FillNsMax)
            throw new ArgumentOutOfRangeException(nameof(burst), burst, "An empty bucket must be full again within 30 days.");
        return new TokenRate((long)intervalNs, burst);
    }

    /// <summary>When there is a token, in nanoseconds: now or later.</summary>
    /// <param name="fullAtNs">When the bucket is full.</param>
    public long RoomAtNs(long fullAtNs, long nowNs) => IsLimited ? Math.Max(nowNs, Clamp(fullAtNs, nowNs) - ToleranceNs) : nowNs;

    /// <summary>Whole tokens in the bucket; without a limit as many as an int can say.</summary>
    public int TokensLeft(long fullAtNs, long nowNs) =>
        IsLimited ? Burst - (int)((Math.Max(Clamp(fullAtNs, nowNs) - nowNs, 0) + IntervalNs - 1) / IntervalNs) : int.MaxValue;

    internal bool HasRoom(long fullAtNs, long nowNs) => !IsLimited || Clamp(fullAtNs, nowNs) - nowNs <= ToleranceNs;

    /// <summary>Takes a token, if there is one.</summary>
    /// <param name="nextNs">When the bucket is full then.</param>
    internal bool TryTake(long fullAtNs, long nowNs, out long nextNs)
    {
        nextNs = Math.Max(Clamp(fullAtNs, nowNs), nowNs) + IntervalNs;
        return HasRoom(fullAtNs, nowNs);
    }

    /// <summary>Takes a token from a bucket that threads share; false: there is none.</summary>
    internal bool TryTake(ref long fullAtNs, long nowNs)
    {
        if (!IsLimited) return true;
        long seen = Volatile.Read(ref fullAtNs);
        while (TryTake(seen, nowNs, out long next))
        {
            long before = Interlocked.CompareExchange(ref fullAtNs, next, seen);
            if (before == seen) return true;
            seen = before;
        }
        return false;
    }

    /// <summary>A token that was taken was not used.</summary>
    internal void GiveBack(ref long fullAtNs) => Interlocked.Add(ref fullAtNs, -IntervalNs);

    private long ToleranceNs => (Burst - 1) * IntervalNs;

    /// <summary>A bucket that owes more than it can hold was taken from under a lower rate: it is empty, and no more than that.</summary>
    private long Clamp(long fullAtNs, long nowNs) => Math.Min(fullAtNs, nowNs + Burst * IntervalNs);
}
