using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// The heaviest sources of one loop in one period, in bounded memory: Space-Saving (Metwally, Agrawal, El Abbadi, 2005). A source that is
/// not counted takes the counter of the lightest one, and with it that one's count as what may be wrong. Counters of equal counts are a
/// group, and groups are a list in their order, so that each step takes the same few moves. One thread counts, any thread reads.
/// </summary>
internal sealed class SourceSketch
{
    /// <summary>
    /// Of each loop. A count is wrong by 1/2,048 of all that was counted at the most: 4.9 % of a source that has a hundredth.
    /// </summary>
    public const int Counters = 2_048;

    private const int Slots = 2 * Counters, None = -1;

    private readonly Counter[] _counters = new Counter[Counters];
    private readonly Group[] _groups = new Group[Counters];
    private readonly short[] _slots = new short[Slots];
    private int _used;
    private int _lightest;
    private int _freeGroup;
    private long _period;

    public SourceSketch() => Reset(period: -1);

    /// <summary>What is counted now. A reader that sees another one afterwards has read of both.</summary>
    public long Period => Volatile.Read(ref _period);

    /// <summary>Counters that are in use.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Whatever a source that has no counter may have had.</summary>
    public long UnseenMax
    {
        get
        {
            while (Used == Counters)
            {
                int lightest = Volatile.Read(ref _lightest);
                long count = lightest >= 0 ? Volatile.Read(ref _groups[lightest].Count) : 0;
                // A group that was removed meanwhile may have another count already.
                if (lightest == Volatile.Read(ref _lightest)) return count;
            }
            return 0;
        }
    }

    /// <summary>Everything is forgotten. Inside the loop.</summary>
    public void Reset(long period)
    {
        Volatile.Write(ref _period, period);
        Volatile.Write(ref _used, 0);
        Array.Fill(_slots, (short)None);
        for (int i = 0; i < Counters; i++) _groups[i].Next = i + 1 < Counters ? i + 1 : None;
        (_lightest, _freeGroup) = (None, 0);
    }

    /// <summary>One connection of the source. Inside the loop.</summary>
    public void Add(in SourceKey key, uint hash, bool isAccepted)
    {
        int index = Find(key, hash);
        if (index >= 0) Raise(index);
        else index = _used < Counters ? AddCounter(key, hash) : TakeLightest(key, hash);
        ref Counter counter = ref _counters[index];
        if (isAccepted) Volatile.Write(ref counter.Accepted, counter.Accepted + 1);
        else Volatile.Write(ref counter.Refused, counter.Refused + 1);
    }

    /// <summary>What one counter says; false: it changed hands meanwhile. Any thread.</summary>
    public bool TryRead(int index, out HeavySource source)
    {
        ref Counter counter = ref _counters[index];
        uint version = Volatile.Read(ref counter.Version);
        source = new HeavySource(counter.Key, Volatile.Read(ref counter.Accepted), Volatile.Read(ref counter.Refused), counter.Inherited);
        Volatile.ReadBarrier();
        return version % 2 == 0 && version == counter.Version;
    }

    private int AddCounter(in SourceKey key, uint hash)
    {
        int index = _used;
        SetOwner(index, key, hash, inherited: 0);
        int group = _lightest >= 0 && _groups[_lightest].Count == 1 ? _lightest : InsertGroup(1, None, _lightest);
        Attach(index, group);
        Volatile.Write(ref _used, index + 1);
        return index;
    }

    private int TakeLightest(in SourceKey key, uint hash)
    {
        int index = _groups[_lightest].First;
        RemoveSlot(index);
        SetOwner(index, key, hash, _groups[_lightest].Count);
        Raise(index);
        return index;
    }

    private void SetOwner(int index, in SourceKey key, uint hash, long inherited)
    {
        ref Counter counter = ref _counters[index];
        counter.Version++;
        // Readers must see that it changes before any of the change.
        Volatile.WriteBarrier();
        (counter.Key, counter.Hash, counter.Inherited, counter.Accepted, counter.Refused) = (key, hash, inherited, 0, 0);
        Volatile.Write(ref counter.Version, counter.Version + 1);
        int slot = (int)(hash % Slots);
        while (_slots[slot] != None) slot = (slot + 1) % Slots;
        _slots[slot] = (short)index;
    }

    private int Find(in SourceKey key, uint hash)
    {
        for (int slot = (int)(hash % Slots); _slots[slot] != None; slot = (slot + 1) % Slots)
        {
            ref Counter counter = ref _counters[_slots[slot]];
            if (counter.Hash == hash && counter.Key == key) return _slots[slot];
        }
        return None;
    }

    /// <summary>Those behind it move up, so that each is found from its own slot on without a gap.</summary>
    private void RemoveSlot(int index)
    {
        int gap = (int)(_counters[index].Hash % Slots);
        while (_slots[gap] != index) gap = (gap + 1) % Slots;
        for (int slot = (gap + 1) % Slots; _slots[slot] != None; slot = (slot + 1) % Slots)
        {
            int home = (int)(_counters[_slots[slot]].Hash % Slots);
            if ((slot - home + Slots) % Slots < (slot - gap + Slots) % Slots) continue;
            _slots[gap] = _slots[slot];
            gap = slot;
        }
        _slots[gap] = None;
    }

    /// <summary>Its count is one more: it goes to the next group, which is made if there is none with that count.</summary>
    private void Raise(int index)
    {
        int group = _counters[index].Group, next = _groups[group].Next;
        long count = _groups[group].Count + 1;
        bool isAlone = _groups[group].First == index && _counters[index].Next == None;
        if (next >= 0 && _groups[next].Count == count)
        {
            Detach(index);
            Attach(index, next);
            if (isAlone) RemoveGroup(group);
        }
        else if (isAlone)
        {
            Volatile.Write(ref _groups[group].Count, count);
        }
        else
        {
            Detach(index);
            Attach(index, InsertGroup(count, group, next));
        }
    }

    private void Attach(int index, int group)
    {
        int first = _groups[group].First;
        ref Counter counter = ref _counters[index];
        (counter.Group, counter.Previous, counter.Next) = ((short)group, None, (short)first);
        if (first >= 0) _counters[first].Previous = (short)index;
        _groups[group].First = index;
    }

    private void Detach(int index)
    {
        ref Counter counter = ref _counters[index];
        if (counter.Previous >= 0) _counters[counter.Previous].Next = counter.Next;
        else _groups[counter.Group].First = counter.Next;
        if (counter.Next >= 0) _counters[counter.Next].Previous = counter.Previous;
    }

    private int InsertGroup(long count, int previous, int next)
    {
        int group = _freeGroup;
        _freeGroup = _groups[group].Next;
        _groups[group] = new Group { Count = count, First = None, Previous = previous, Next = next };
        if (next >= 0) _groups[next].Previous = group;
        if (previous >= 0) _groups[previous].Next = group;
        else Volatile.Write(ref _lightest, group);
        return group;
    }

    private void RemoveGroup(int group)
    {
        (int previous, int next) = (_groups[group].Previous, _groups[group].Next);
        if (next >= 0) _groups[next].Previous = previous;
        if (previous >= 0) _groups[previous].Next = next;
        else Volatile.Write(ref _lightest, next);
        _groups[group].Next = _freeGroup;
        _freeGroup = group;
    }

    /// <summary>A source's: a cache line.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Counter
    {
        public SourceKey Key;
        public long Accepted;
        public long Refused;

        /// <summary>What it had when the source took it.</summary>
        public long Inherited;

        /// <summary>Odd while it changes hands.</summary>
        public uint Version;
        public uint Hash;
        public short Group;
        public short Previous;
        public short Next;
    }

    /// <summary>Counters of one count.</summary>
    private struct Group
    {
        public long Count;
        public int First;
        public int Previous;
        public int Next;
    }
}
