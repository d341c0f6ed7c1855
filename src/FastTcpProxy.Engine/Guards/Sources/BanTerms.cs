namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>When a source that is refused again and again is banned, and for how long. Pure.</summary>
/// <param name="After">So many refusals within the window ban; 0: none do. At most <see cref="Penalty.CountMax"/>.</param>
/// <param name="WithinMs">The window. As long the source counts as an offender after its last window has begun.</param>
/// <param name="ForMs">The first ban. Each further one is twice as long.</param>
/// <param name="MaxMs">The longest.</param>
public readonly record struct BanTerms(int After, long WithinMs, long ForMs, long MaxMs)
{
    /// <summary>Refusals are counted for a minute, and ban no source.</summary>
    public static BanTerms None { get; } = new(0, 60_000, 0, 0);

    /// <summary>How long a ban of the level is, in milliseconds.</summary>
    public long LengthMs(int level) => level >= 62 || ForMs > MaxMs >> level ? MaxMs : ForMs << level;
}
