namespace FastTcpProxy.Engine.Upstreams;

/// <summary>When an upstream that gives no answer is tried last, and for how long. Immutable, any thread.</summary>
public sealed record SuspectPolicy
{
    /// <summary>Every value is the default.</summary>
    public static SuspectPolicy Default { get; } = new();

    /// <summary>How many clients in a row got no answer within the hedge delay; at most <see cref="Standing.CountMax"/>.</summary>
    public int After { get; init; } = 5;

    /// <summary>Within what time, from the first of them to the last.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it is suspect before one client tries it again.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Each time that this fails the time doubles, up to here.</summary>
    public TimeSpan HoldMax { get; init; } = TimeSpan.FromSeconds(15);

    internal HoldTerms Terms => new(After, (long)Window.TotalMilliseconds, (long)Hold.TotalMilliseconds, (long)HoldMax.TotalMilliseconds);
}

/// <summary>When an upstream that ends sessions at once is tried last, and for how long. Immutable, any thread.</summary>
public sealed record PassivePolicy
{
    /// <summary>Every value is the default.</summary>
    public static PassivePolicy Default { get; } = new();

    /// <summary>How many sessions in a row it has ended so; at most <see cref="Standing.CountMax"/>.</summary>
    public int Resets { get; init; } = 5;

    /// <summary>How soon after it had accepted them, and before a byte of it had come.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Within what time, from the first of them to the last.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it is tried last.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When it fails again soon after, the time doubles, up to here.</summary>
    public TimeSpan HoldMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many upstreams of the list must be left that are not held.</summary>
    public int Keep { get; init; } = 1;

    internal HoldTerms Terms => new(Resets, (long)Window.TotalMilliseconds, (long)Hold.TotalMilliseconds, (long)HoldMax.TotalMilliseconds);
}

/// <summary>How new clients come back to an upstream. Immutable, any thread.</summary>
public sealed record FailbackPolicy
{
    /// <summary>Every value is the default.</summary>
    public static FailbackPolicy Default { get; } = new();

    /// <summary>How long it takes until all new clients begin with it again.</summary>
    public TimeSpan Ramp { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The percentage of them that begins with it at once.</summary>
    public int Start { get; init; } = 10;

    /// <summary>All clients, in millionths.</summary>
    internal const long All = 1_000_000;

    /// <summary>The part of new clients that begins with an upstream of this standing now, in millionths.</summary>
    /// <param name="standing">Of the upstream.</param>
    /// <param name="nowMs">Now, by <see cref="AddressStanding.NowMs"/>.</param>
    internal long Portion(Standing standing, long nowMs) =>
        standing.State == StandingState.Returning ? PortionAt(nowMs - standing.AtMs) : All;

    /// <summary>The part of new clients that begins with it, in millionths.</summary>
    /// <param name="elapsedMs">Since it came back.</param>
    internal long PortionAt(long elapsedMs)
    {
        long rampMs = (long)Ramp.TotalMilliseconds;
        if (elapsedMs >= rampMs) return All;
        long start = Start * 10_000L;
        // The first second stays at the start: it is what the upstream is promised.
        long steadyMs = Math.Min(1_000, rampMs);
        return elapsedMs <= steadyMs ? start : start + ((All - start) * (elapsedMs - steadyMs) / Math.Max(rampMs - steadyMs, 1));
    }
}

/// <summary>After how much evidence an upstream is held, and for how long.</summary>
/// <param name="After">How many bad results in a row.</param>
/// <param name="WindowMs">Within what time.</param>
/// <param name="HoldMs">The first hold.</param>
/// <param name="HoldMaxMs">The longest one.</param>
internal readonly record struct HoldTerms(int After, long WindowMs, long HoldMs, long HoldMaxMs)
{
    /// <summary>The hold at a level: each doubles the one before.</summary>
    public long HoldAt(int level) => Math.Min(level >= 30 ? HoldMaxMs : HoldMs << level, Math.Max(HoldMs, HoldMaxMs));
}
