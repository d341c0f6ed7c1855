namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// When a session that waits for an upstream starts the next one too, and how many may. Immutable, any thread.
/// </summary>
public sealed record HedgePolicy
{
    /// <summary>Every value is the default.</summary>
    public static HedgePolicy Default { get; } = new();

    /// <summary>The delay before there is any sample of an address.</summary>
    public static TimeSpan DelayUnknown { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long an attempt is waited for alone; null: by the times that connects to the address have taken.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>The least delay that is found by those times.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest one.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many second attempts there may be for each hundred sessions.</summary>
    public int Percent { get; init; } = 5;

    /// <summary>How many more in each second.</summary>
    public int PerSecond { get; init; } = 10;

    /// <summary>How many at once, after a time with none.</summary>
    public int Burst { get; init; } = 100;

    /// <summary>How long an attempt is waited for alone, in milliseconds.</summary>
    /// <param name="time">What connects to its address have taken.</param>
    internal long DelayMs(in ConnectTime time)
    {
        if (Delay is { } fixedDelay) return (long)fixedDelay.TotalMilliseconds;
        long ms = time.IsKnown ? UsualMaxMs(time) : (long)DelayUnknown.TotalMilliseconds;
        return Math.Clamp(ms, (long)DelayMin.TotalMilliseconds, (long)DelayMax.TotalMilliseconds);
    }

    /// <summary>
    /// After how long an attempt counts as silent, in milliseconds: an upstream that is known to be slow is not silent for being so.
    /// </summary>
    /// <param name="time">What connects to its address have taken.</param>
    internal long SilentMs(in ConnectTime time) => Math.Max(DelayMs(time), UsualMaxMs(time));

    private static long UsualMaxMs(in ConnectTime time) => (time.UsualMaxUs + 999) / 1000;
}
