namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// Bytes a second with a burst, by the algorithm of <see cref="TokenRate"/>. Bytes have already come when they are counted. So a bucket can
/// owe, and those who take from it rest until it owes nothing. A debt is time: a new rate holds for what is taken from then on. The default
/// value is no limit. Pure.
/// </summary>
public readonly record struct ByteRate
{
    /// <summary>Bytes a second. At this rate 1 KiB takes 100 ns, which rounding to whole ones falsifies by less than 1 %.</summary>
    public const long PerSecondMax = 10_000_000_000;

    private ByteRate(long perSecond, long burst) =>
        (PerSecond, Burst, BurstNs) = (perSecond, burst, (long)(burst * 1e9 / perSecond));

    /// <summary>0: there is no limit.</summary>
    public long PerSecond { get; }

    /// <summary>Bytes of a full bucket.</summary>
    public long Burst { get; }

    public bool IsLimited => PerSecond > 0;

    private long BurstNs { get; }

    /// <summary>So many bytes a second, and so many at once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is below 1 or beyond <see cref="PerSecondMax"/>, the burst is below 1, or an
    /// empty bucket takes longer than <see cref="TokenRate.FillNsMax"/> to fill.</exception>
    public static ByteRate Of(long perSecond, long burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, PerSecondMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        if (burst * 1e9 / perSecond > TokenRate.FillNsMax)
            throw new ArgumentOutOfRangeException(nameof(burst), burst, "An empty bucket must be full again within 30 days.");
        return new ByteRate(perSecond, burst);
    }

    /// <summary>How long to rest as things stand, in nanoseconds; 0: there is room.</summary>
    /// <param name="fullAtNs">When the bucket is full.</param>
    public long RestNs(long fullAtNs, long nowNs) => IsLimited ? Math.Max(fullAtNs - nowNs - BurstNs, 0) : 0;

    /// <summary>Bytes that have come are taken from a bucket that threads share. It owes 30 days at the most.</summary>
    /// <returns>How long to rest before more are read, in nanoseconds.</returns>
    internal long Take(ref long fullAtNs, long bytes, long nowNs)
    {
        if (!IsLimited) return 0;
        long costNs = (long)Math.Min(Math.Round(bytes * 1e9 / PerSecond), TokenRate.FillNsMax), seen = Volatile.Read(ref fullAtNs);
        while (costNs > 0)
        {
            long next = Math.Min(Math.Max(seen, nowNs) + costNs, nowNs + BurstNs + TokenRate.FillNsMax);
            long before = Interlocked.CompareExchange(ref fullAtNs, next, seen);
            if (before == seen) return RestNs(next, nowNs);
            seen = before;
        }
        return RestNs(seen, nowNs);
    }
}
