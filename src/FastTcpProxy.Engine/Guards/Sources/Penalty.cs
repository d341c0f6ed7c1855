namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// What a source has against it: its refusals within a window, or a ban; and how long the next ban is. A value in one word, so that it is
/// changed by compare-and-swap. Times are milliseconds of the monotonic clock that all loops share. Pure.
/// </summary>
/// <param name="Word">All of it. 0 is nothing.</param>
public readonly record struct Penalty(long Word)
{
    /// <summary>How many refusals in a window can be counted.</summary>
    public const int CountMax = (1 << 16) - 1;

    /// <summary>Levels beyond this are the same: the ban has long been the longest.</summary>
    public const int LevelMax = 31;

    // From the lowest bit: whether it is a ban (1), the level (5), the count (16), the time (42: 139 years).
    private const int LevelShift = 1, CountShift = 6, TimeShift = 22;
    private const long AtMsMax = (1L << (64 - TimeShift)) - 1;

    private Penalty(bool isBan, int level, int count, long atMs)
        : this((isBan ? 1L : 0) | ((long)Math.Min(level, LevelMax) << LevelShift) | ((long)Math.Min(count, CountMax) << CountShift)
            | (Math.Min(atMs, AtMsMax) << TimeShift))
    {
    }

    /// <summary>Of its parts.</summary>
    internal static Penalty Of(bool isBan, int level, int count, long atMs) => new(isBan, level, count, atMs);

    /// <summary>Whether it is a ban, over or not.</summary>
    public bool IsBan => (Word & 1) != 0;

    /// <summary>A ban: its level. Otherwise: that of the next ban.</summary>
    public int Level => (int)(Word >> LevelShift) & LevelMax;

    /// <summary>Refusals in the window.</summary>
    public int Count => (int)(Word >> CountShift) & CountMax;

    /// <summary>A ban: until when. Otherwise: when the window began.</summary>
    public long AtMs => Word >>> TimeShift;

    public bool IsBannedAt(long nowMs) => IsBan && nowMs < AtMs;

    /// <summary>Refusals in a window that is still open.</summary>
    public int CountAt(long nowMs, in BanTerms terms) => IsBan || nowMs - AtMs > terms.WithinMs ? 0 : Count;

    /// <summary>One more refusal.</summary>
    internal Penalty OnRefused(long nowMs, in BanTerms terms)
    {
        if (IsBannedAt(nowMs)) return this;
        int count = CountAt(nowMs, terms) + 1;
        int level = count > 1 ? Level : LevelAt(nowMs, terms);
        if (terms.After > 0 && count >= terms.After) return Ban(level, nowMs + terms.LengthMs(level));
        return new Penalty(isBan: false, level, count, count > 1 ? AtMs : nowMs);
    }

    /// <summary>A ban that something else decides. It does not shorten one.</summary>
    internal Penalty OnBanned(long untilMs) => IsBan && AtMs >= untilMs ? this : Ban(Level, untilMs);

    /// <summary>The one of two that says more against the source.</summary>
    internal Penalty Stricter(Penalty other, long nowMs) => (IsBannedAt(nowMs), other.IsBannedAt(nowMs)) switch
    {
        (true, true) => AtMs >= other.AtMs ? this : other,
        (true, false) => this,
        (false, true) => other,
        _ => (Level, Count) is var own && own.CompareTo((other.Level, other.Count)) >= 0 ? this : other,
    };

    /// <summary>
    /// The level of a ban that began now. A ban leads to the next level. Each level is forgotten after a quiet time as long as the ban that
    /// led to it.
    /// </summary>
    internal int LevelAt(long nowMs, in BanTerms terms)
    {
        int level = Math.Min(IsBan ? Level + 1 : Level, LevelMax);
        long quietMs = nowMs - AtMs;
        while (level > 0 && quietMs >= terms.LengthMs(level - 1)) quietMs -= terms.LengthMs(--level);
        return level;
    }

    /// <summary>When nothing of it is left, if nothing more happens.</summary>
    internal long EndMs(in BanTerms terms)
    {
        if (Word == 0) return 0;
        long endMs = AtMs;
        for (int level = IsBan ? Level + 1 : Level; level > 0; level--) endMs += terms.LengthMs(level - 1);
        return IsBan ? endMs : Math.Max(endMs, AtMs + terms.WithinMs + 1);
    }

    private static Penalty Ban(int level, long untilMs) => new(isBan: true, level, 0, untilMs);
}
