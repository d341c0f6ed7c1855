using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>Where an entry is, and what its state was when it was found.</summary>
/// <param name="Index">Below 0: nowhere.</param>
/// <param name="IsNew">It was added just now.</param>
internal readonly record struct EntryPlace(int Index, EntryState State, bool IsNew = false)
{
    public static EntryPlace None { get; } = new(-1, default);
}

/// <summary>
/// The memory of the table: entries in sets of 32, of which a source may stand in two. Each set has a line of tags (a part of the hash), so
/// that a look-up reads one or two lines of tags and mostly one entry. To find and to enter takes no lock. To add takes the lock of the
/// source's first set, so that a source is added once; for as long as it takes to look at 64 entries. Any thread. All of it is allocated
/// when the table is made.
/// </summary>
internal sealed unsafe class SourceSets
{
    /// <summary>Entries in a set: as many tags as a cache line has.</summary>
    public const int Ways = 32;

    /// <summary>What a source takes: its entry, its buckets of bytes, its tag and its part of the set's lock.</summary>
    public const double BytesPerSource = SourceEntry.Bytes + SourceBytes.Bytes + sizeof(ushort) + (double)SetBytes / Ways;

    /// <summary>Turns of a hand for one source. That an entry is entered between a look at it and its eviction is seldom.</summary>
    private const int TurnsMax = 4;

    private const int LineBytes = SourceEntry.Bytes, SetBytes = 16;

    private readonly int _sets;
    private readonly SourceEntry* _entries;
    private readonly SourceBytes* _bytes;
    private readonly ushort* _tags;
    private readonly Set[] _control;

    // Pinned, and held here for as long as there are pointers into them.
    private readonly byte[] _entryMemory;
    private readonly byte[] _bytesMemory;
    private readonly byte[] _tagMemory;

    /// <param name="capacity">Sources; rounded up to whole sets.</param>
    /// <param name="others">Entries behind them that no source can take.</param>
    public SourceSets(int capacity, int others)
    {
        _sets = (capacity + Ways - 1) / Ways;
        Capacity = _sets * Ways;
        _entryMemory = GC.AllocateArray<byte>((Capacity + others + 1) * LineBytes, pinned: true);
        _bytesMemory = GC.AllocateArray<byte>((Capacity + others) * sizeof(SourceBytes) + LineBytes, pinned: true);
        _tagMemory = GC.AllocateArray<byte>((_sets + 1) * LineBytes, pinned: true);
        _control = new Set[_sets];
        _entries = (SourceEntry*)FirstLine(_entryMemory);
        _bytes = (SourceBytes*)FirstLine(_bytesMemory);
        _tags = (ushort*)FirstLine(_tagMemory);
    }

    public int Capacity { get; }

    /// <summary>By its place; from <see cref="Capacity"/> on the others.</summary>
    public ref SourceEntry this[int index] => ref _entries[index];

    /// <summary>Its buckets of bytes. They are apart from the entry, so that an accept reads one line.</summary>
    public ref SourceBytes BytesOf(int index) => ref _bytes[index];

    /// <summary>Sources that were forgotten for others.</summary>
    public long Evicted
    {
        get
        {
            long sum = 0;
            foreach (ref Set set in _control.AsSpan()) sum += Volatile.Read(ref set.Evicted);
            return sum;
        }
    }

    /// <summary>Whether the entry has a source. One that has stays so: it can only get another one.</summary>
    public bool HasSource(int index) => Volatile.Read(ref _tags[index]) != 0;

    public EntryPlace Find(in SourceKey key, ulong hash)
    {
        EntryPlace place = FindIn(FirstSet(hash), key, TagOf(hash));
        return place.Index >= 0 ? place : FindIn(SecondSet(hash), key, TagOf(hash));
    }

    /// <summary>Finds the source or adds it. Nowhere: all entries that it may have are held by others.</summary>
    public EntryPlace FindOrAdd(in SourceKey key, ulong hash, long nowMs)
    {
        ref int gate = ref _control[FirstSet(hash)].Gate;
        // As short as that, a wait can only be for a thread that has lost its processor: it is given ours.
        for (SpinWait wait = default; Interlocked.CompareExchange(ref gate, 1, 0) != 0;) wait.SpinOnce(sleep1Threshold: -1);
        EntryPlace place = Find(key, hash);
        if (place.Index < 0) place = Add(key, hash, nowMs);
        Volatile.Write(ref gate, 0);
        return place;
    }

    private static byte* FirstLine(byte[] memory) =>
        (byte*)(((nint)Unsafe.AsPointer(ref memory[0]) + LineBytes - 1) & ~(nint)(LineBytes - 1));

    private int FirstSet(ulong hash) => (int)(((hash >> 32) * (ulong)_sets) >> 32);

    private int SecondSet(ulong hash) => (int)(((uint)hash * (ulong)_sets) >> 32);

    /// <summary>The low bits, which choose no set; never 0, which is the tag of an entry without a source.</summary>
    private static ushort TagOf(ulong hash) => (ushort)Math.Max(hash & 0xFFFF, 1);

    /// <summary>A bit for each entry of the set with that tag.</summary>
    private uint Match(int set, ushort tag)
    {
        ushort* tags = _tags + set * Ways;
        Vector256<ushort> wanted = Vector256.Create(tag);
        return Vector256.Equals(Vector256.LoadAligned(tags), wanted).ExtractMostSignificantBits()
            | (Vector256.Equals(Vector256.LoadAligned(tags + Ways / 2), wanted).ExtractMostSignificantBits() << (Ways / 2));
    }

    private EntryPlace FindIn(int set, in SourceKey key, ushort tag)
    {
        for (uint found = Match(set, tag); found != 0; found &= found - 1)
        {
            int index = set * Ways + BitOperations.TrailingZeroCount(found);
            EntryState state = _entries[index].State;
            if (state.IsLive && _entries[index].Has(key)) return new EntryPlace(index, state);
        }
        return EntryPlace.None;
    }

    /// <summary>In the emptier of the two sets, so that both are full before anything is evicted.</summary>
    private EntryPlace Add(in SourceKey key, ulong hash, long nowMs)
    {
        int first = FirstSet(hash), second = SecondSet(hash);
        uint firstFree = Match(first, 0), secondFree = Match(second, 0);
        bool isSecondEmptier = BitOperations.PopCount(secondFree) > BitOperations.PopCount(firstFree);
        int index = isSecondEmptier ? ClaimFree(second, secondFree) : ClaimFree(first, firstFree);
        if (index < 0)
        {
            index = ClaimEvictable(first, nowMs);
            if (index < 0 && second != first) index = ClaimEvictable(second, nowMs);
            if (index < 0) return EntryPlace.None;
            _control[first].Evicted++;
        }
        ref SourceEntry entry = ref _entries[index];
        _bytes[index] = default;
        entry.Begin(key, (int)(nowMs / 1_000));
        Volatile.Write(ref _tags[index], TagOf(hash));
        return new EntryPlace(index, entry.Publish(), IsNew: true);
    }

    private int ClaimFree(int set, uint free)
    {
        for (; free != 0; free &= free - 1)
        {
            int index = set * Ways + BitOperations.TrailingZeroCount(free);
            EntryState seen = _entries[index].State;
            if (seen.IsFree && _entries[index].TrySet(ref seen, seen.Claim())) return index;
        }
        return -1;
    }

    /// <summary>
    /// One turn of the set's hand, and a few more when other threads are faster. The first entry with nothing worth keeping is taken, or
    /// else the one with the least.
    /// </summary>
    private int ClaimEvictable(int set, long nowMs)
    {
        ref Set control = ref _control[set];
        for (int turn = 0; turn < TurnsMax; turn++)
        {
            int hand = Volatile.Read(ref control.Hand), least = -1, leastWorth = int.MaxValue;
            EntryState leastSeen = default;
            for (int step = 0; step < Ways && leastWorth > 0; step++)
            {
                int index = set * Ways + ((hand + step) & (Ways - 1));
                ref SourceEntry entry = ref _entries[index];
                EntryState seen = entry.State;
                if (!seen.IsIdle || entry.IsHeldAt(nowMs)) continue;
                int worth = WorthOf(index, seen, nowMs);
                if (worth < leastWorth) (least, leastSeen, leastWorth) = (index, seen, worth);
                Volatile.Write(ref entry.WasTouched, false);
            }
            if (least < 0) return -1;
            Volatile.Write(ref control.Hand, least + 1);
            if (_entries[least].TrySet(ref leastSeen, leastSeen.Claim())) return least;
        }
        return -1;
    }

    /// <summary>
    /// A stranger goes before a source that was served. Among each of them one that was not seen again goes first, and one whose bucket is
    /// not full goes last: with the entry it would lose its debt.
    /// </summary>
    private int WorthOf(int index, EntryState state, long nowMs)
    {
        ref SourceEntry entry = ref _entries[index];
        bool isIndebted = Volatile.Read(ref entry.FullAtNs) > nowMs * 1_000_000 || _bytes[index].IsIndebtedAt(nowMs * 1_000_000);
        return (state.WasServed ? 3 : 0) + (isIndebted ? 2 : Volatile.Read(ref entry.WasTouched) ? 1 : 0);
    }

    /// <summary>What sets have beside tags and entries.</summary>
    private struct Set
    {
        /// <summary>1: a thread adds a source whose first set this is.</summary>
        public int Gate;

        /// <summary>Where the next search for an entry to evict begins. Another set's sources are put here too, so threads may overtake
        /// each other in it: then they only look at one entry twice.</summary>
        public int Hand;

        /// <summary>Written by the thread that has the gate.</summary>
        public long Evicted;
    }
}
