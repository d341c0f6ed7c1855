namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// What decides whose an entry is and whether it may be evicted, in one word that is changed by compare-and-swap. Pure.
/// </summary>
/// <param name="Word">All of it. 0: the entry was never used.</param>
internal readonly record struct EntryState(ulong Word)
{
    /// <summary>Sessions of one source: more than a process may have descriptors (1,048,576, fs.nr_open in proc_sys_fs(5)).</summary>
    public const int SessionsMax = (1 << 22) - 1;

    /// <summary>Threads that may be in one entry at the same moment without a session. More wait.</summary>
    public const int PinsMax = (1 << 8) - 1;

    // From the lowest bit: the sessions (22), the pins (8), flags (3), the generation (21), the changes (10), whose carry falls off.
    private const ulong Pin = 1UL << 22, Live = 1UL << 30, Claimed = 1UL << 31, Served = 1UL << 32, Change = 1UL << 54;
    private const int PinShift = 22, GenerationShift = 33;
    private const ulong GenerationMask = (1UL << 21) - 1;

    public int Sessions => (int)Word & SessionsMax;

    public int Pins => (int)(Word >> PinShift) & PinsMax;

    /// <summary>A source has it, and it can be entered.</summary>
    public bool IsLive => (Word & Live) != 0;

    public bool IsFree => (Word & (Live | Claimed)) == 0;

    /// <summary>No session and no thread holds it.</summary>
    public bool IsIdle => IsLive && (Word & (SessionsMax | ((ulong)PinsMax << PinShift))) == 0;

    /// <summary>A session of the source has ended in order: it is not a stranger.</summary>
    public bool WasServed => (Word & Served) != 0;

    /// <summary>Counts the sources that the entry has had.</summary>
    public int Generation => (int)((Word >> GenerationShift) & GenerationMask);

    public bool IsOf(int generation) => IsLive && Generation == generation;

    /// <summary>One more session.</summary>
    public EntryState Enter() => new(Word + 1);

    /// <summary>
    /// One session less. What it leaves behind (tokens, a refusal) must not be lost to a thread that saw the entry before and is about to
    /// evict it. So the word is another one, although the counts are the same: only after 1,024 changes it is the same again.
    /// </summary>
    public EntryState Leave(bool wasServed) => new((Word - 1 + Change) | (wasServed ? Served : 0));

    public EntryState PinOnce() => new(Word + Pin);

    /// <inheritdoc cref="Leave"/>
    public EntryState Unpin(bool wasServed) => new((Word - Pin + Change) | (wasServed ? Served : 0));

    /// <summary>For the source that comes next; no thread can enter it before <see cref="Publish"/>.</summary>
    public EntryState Claim() => new(Claimed | ((((ulong)Generation + 1) & GenerationMask) << GenerationShift));

    public EntryState Publish() => new((Word & ~Claimed) | Live);
}
