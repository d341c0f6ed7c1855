namespace FastTcpProxy.Engine.Upstreams;

/// <summary>How an upstream is regarded by one kind of evidence.</summary>
public enum StandingState : byte
{
    /// <summary>It has its place in the list.</summary>
    Trusted,

    /// <summary>It is tried last, until a time.</summary>
    Held,

    /// <summary>It is tried last, but one client tries it first to find out.</summary>
    Probing,

    /// <summary>It is back, and is watched: a growing part of the new clients begins with it.</summary>
    Returning,
}

/// <summary>
/// The standing of an upstream by one kind of evidence, and its rules: a value in one word, so that it is changed by compare-and-swap.
/// Times are milliseconds of the monotonic clock that all loops share. Pure.
/// </summary>
/// <param name="Word">All of it. 0 is trusted, with nothing against it.</param>
public readonly record struct Standing(long Word)
{
    /// <summary>How many bad results in a row can be counted.</summary>
    public const int CountMax = 255;

    /// <summary>Levels beyond this are the same: the hold has long been the longest.</summary>
    public const int LevelMax = 31;

    // From the lowest bit: the state (2), the count (8), the level (5), the time (48).
    private const int CountShift = 2, LevelShift = 10, TimeShift = 15;

    private Standing(StandingState state, int count, int level, long atMs)
        : this((long)state | ((long)count << CountShift) | ((long)Math.Min(level, LevelMax) << LevelShift) | (atMs << TimeShift))
    {
    }

    public StandingState State => (StandingState)(Word & 3);

    /// <summary>Bad results in a row, while it is trusted or returning.</summary>
    public int Count => (int)(Word >> CountShift) & CountMax;

    /// <summary>How often the hold has doubled.</summary>
    public int Level => (int)(Word >> LevelShift) & LevelMax;

    /// <summary>
    /// Trusted: when the first bad result of the row came. Held: until when. Probing: when the probe is given up. Returning: since when.
    /// </summary>
    public long AtMs => Word >>> TimeShift;

    /// <summary>Whether it is tried last: held, or probed by another client.</summary>
    public bool IsLast => State is StandingState.Held or StandingState.Probing;

    /// <summary>A probe may begin: the hold is over, or a probe was never heard of again.</summary>
    internal bool IsProbeDue(long nowMs) => IsLast && nowMs >= AtMs;

    /// <summary>Whether this is the probe under way. One that another has replaced says nothing any more: this process or its machine stood
    /// still, and its answer is to a packet of before.</summary>
    private bool IsProbe(long probe) => State == StandingState.Probing && AtMs == probe;

    /// <summary>Whether it has returned and is still watched: for as long as the ramp, and as the last hold.</summary>
    internal bool IsWatched(long nowMs, in HoldTerms terms, long rampMs) =>
        State == StandingState.Returning && nowMs - AtMs < Math.Max(rampMs, terms.HoldAt(Level));

    /// <summary>A client got no answer in time, or its session was ended at once.</summary>
    internal Standing OnBad(long nowMs, in HoldTerms terms, long rampMs)
    {
        if (IsLast) return this;
        if (IsWatched(nowMs, terms, rampMs))
        {
            return Count + 1 >= terms.After
                ? Hold(nowMs, Level + 1, terms)
                : new Standing(StandingState.Returning, Count + 1, Level, AtMs);
        }
        bool continues = State == StandingState.Trusted && Count > 0 && nowMs - AtMs <= terms.WindowMs;
        int count = continues ? Count + 1 : 1;
        return count >= terms.After ? Hold(nowMs, 0, terms) : new Standing(StandingState.Trusted, count, 0, continues ? AtMs : nowMs);
    }

    /// <summary>The client that probes got no answer in time.</summary>
    internal Standing OnProbeBad(long nowMs, in HoldTerms terms, long probe) => IsProbe(probe) ? Hold(nowMs, Level + 1, terms) : this;

    /// <summary>An answer in time.</summary>
    internal Standing OnGood(long nowMs) => State switch
    {
        StandingState.Trusted => default,
        StandingState.Returning => new Standing(StandingState.Returning, 0, Level, AtMs),
        _ => new Standing(StandingState.Returning, 0, Level, nowMs),
    };

    /// <summary>
    /// An answer that says no more than that it is not silent: it was only slow, and nothing is left of a suspicion. Unless it has failed
    /// again since it was first held: then it was gone, and the answer is to a packet that the kernel has sent again until it was back.
    /// </summary>
    internal Standing OnAnswered(long nowMs) => State == StandingState.Returning || (IsLast && Level > 0) ? OnGood(nowMs) : default;

    /// <summary>A client begins to probe.</summary>
    /// <param name="giveUpMs">When another one may, if nothing is heard of this one. The probe is known by it.</param>
    internal Standing OnProbe(long giveUpMs) => new(StandingState.Probing, 0, Level, giveUpMs);

    /// <summary>The probe came to nothing: its client has left. The next client probes.</summary>
    internal Standing OnProbeLost(long nowMs, long probe) => IsProbe(probe) ? new(StandingState.Held, 0, Level, nowMs) : this;

    /// <summary>The next probe is brought forward.</summary>
    internal Standing ProbeSoon(long nowMs) =>
        State == StandingState.Held ? new(StandingState.Held, 0, Level, Math.Min(AtMs, nowMs)) : this;

    /// <summary>A hold that no probe ends is over, if it is.</summary>
    internal Standing OnHoldOver(long nowMs) =>
        State == StandingState.Held && nowMs >= AtMs ? new(StandingState.Returning, 0, Level, nowMs) : this;

    /// <summary>A check finds it up again: it begins to return. What it has failed is remembered as long as it is held or watched.
    /// </summary>
    internal Standing OnFoundUp(long nowMs, in HoldTerms terms, long rampMs) =>
        new(StandingState.Returning, 0, IsLast || IsWatched(nowMs, terms, rampMs) ? Level : 0, nowMs);

    /// <summary>It begins to return, whatever it was before.</summary>
    internal static Standing Return(long nowMs) => new(StandingState.Returning, 0, 0, nowMs);

    private static Standing Hold(long nowMs, int level, in HoldTerms terms) =>
        new(StandingState.Held, 0, level, nowMs + terms.HoldAt(Math.Min(level, LevelMax)));
}
