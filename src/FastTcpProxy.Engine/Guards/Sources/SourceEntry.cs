using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// The state of one source: a cache line of the table. Any thread, each word by itself. The key is written while the entry is claimed; all
/// else is written by a thread that has a session or a pin in it, which keep it from being evicted.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct SourceEntry
{
    public const int Bytes = 64;

    [FieldOffset(0)] private ulong _state;
    [FieldOffset(8)] private ulong _high;
    [FieldOffset(16)] private ulong _low;
    [FieldOffset(24)] private uint _bits;

    /// <summary>Seconds of the monotonic clock.</summary>
    [FieldOffset(28)] public int LastSeenS;

    /// <summary>When its bucket is full again (<see cref="TokenRate"/>), in nanoseconds.</summary>
    [FieldOffset(32)] public long FullAtNs;

    [FieldOffset(40)] private long _penalty;

    /// <summary>Until then it counts as an offender and is not evicted. It only grows, unless it is pardoned.</summary>
    [FieldOffset(48)] public long PenaltyEndMs;

    /// <summary>Until then it is vouched for and not evicted. Seconds of the monotonic clock.</summary>
    [FieldOffset(56)] private int _vouchedUntilS;

    /// <summary>Whether it was seen again after it was added, and since the hand last passed it.</summary>
    [FieldOffset(60)] public bool WasTouched;

    /// <summary>Of an entry that stands for the overflow of a scope: what was refused by it. It has no key.</summary>
    [FieldOffset(8)] public long OverflowRefused;

    /// <summary>What was let in.</summary>
    [FieldOffset(16)] public long OverflowAdmitted;

    public EntryState State => new(Volatile.Read(ref _state));

    public Penalty Penalty => new(Volatile.Read(ref _penalty));

    public SourceKey Key => new(Volatile.Read(ref _high), Volatile.Read(ref _low), Volatile.Read(ref _bits));

    public bool IsOffenderAt(long nowMs) => Volatile.Read(ref PenaltyEndMs) > nowMs;

    /// <summary>It is not evicted, whether it has sessions or not.</summary>
    public bool IsHeldAt(long nowMs) => IsOffenderAt(nowMs) || IsVouchedAt(nowMs);

    public bool IsVouchedAt(long nowMs) => VouchedUntilS > nowMs / 1_000;

    public int VouchedUntilS
    {
        readonly get => Volatile.Read(in _vouchedUntilS);
        set => Volatile.Write(ref _vouchedUntilS, value);
    }

    public bool Has(in SourceKey key) =>
        Volatile.Read(ref _high) == key.High && Volatile.Read(ref _low) == key.Low && Volatile.Read(ref _bits) == key.Bits;

    /// <summary>The state is changed if it is as it was seen; otherwise it says what it is.</summary>
    public bool TrySet(ref EntryState seen, EntryState next)
    {
        ulong before = Interlocked.CompareExchange(ref _state, next.Word, seen.Word);
        if (before == seen.Word)
        {
            seen = next;
            return true;
        }
        seen = new EntryState(before);
        return false;
    }

    /// <summary>One session less, if it is of that generation and has one.</summary>
    public bool TryLeave(int generation, bool wasServed)
    {
        EntryState seen = State;
        while (seen.IsOf(generation) && seen.Sessions > 0)
        {
            if (TrySet(ref seen, seen.Leave(wasServed))) return true;
        }
        return false;
    }

    /// <summary>Keeps it from being evicted, if it is of that generation.</summary>
    public bool TryPin(int generation)
    {
        EntryState seen = State;
        while (seen.IsOf(generation))
        {
            if (seen.Pins == EntryState.PinsMax) seen = State;
            else if (TrySet(ref seen, seen.PinOnce())) return true;
        }
        return false;
    }

    public void Unpin(bool wasServed = false)
    {
        EntryState seen = State;
        while (!TrySet(ref seen, seen.Unpin(wasServed))) { }
    }

    /// <summary>What a thread that holds it has against its source.</summary>
    /// <param name="change">From what it was to what it is now.</param>
    public Penalty Penalize(Func<Penalty, long, BanTerms, Penalty> change, long timeMs, in BanTerms terms)
    {
        Penalty seen = Penalty;
        while (true)
        {
            Penalty next = change(seen, timeMs, terms);
            long before = Interlocked.CompareExchange(ref _penalty, next.Word, seen.Word);
            if (before == seen.Word)
            {
                RaiseTo(ref PenaltyEndMs, next.EndMs(terms));
                return next;
            }
            seen = new Penalty(before);
        }
    }

    /// <summary>What was held against it in another process holds here too.</summary>
    public void Tighten(Penalty other, long endMs, long nowMs)
    {
        Penalty seen = Penalty;
        while (true)
        {
            long before = Interlocked.CompareExchange(ref _penalty, seen.Stricter(other, nowMs).Word, seen.Word);
            if (before == seen.Word) break;
            seen = new Penalty(before);
        }
        // A record from the disk may say less of the end than of the ban.
        RaiseTo(ref PenaltyEndMs, other.IsBan ? Math.Max(endMs, other.AtMs) : endMs);
    }

    /// <summary>Nothing is held against it from now on.</summary>
    public void Pardon()
    {
        Interlocked.Exchange(ref _penalty, 0);
        Interlocked.Exchange(ref PenaltyEndMs, 0);
    }

    /// <summary>It becomes the source's. The caller has claimed it.</summary>
    public void Begin(in SourceKey key, int nowS)
    {
        (FullAtNs, PenaltyEndMs, LastSeenS, _vouchedUntilS, WasTouched) = (0, 0, nowS, 0, false);
        Volatile.Write(ref _penalty, 0);
        Volatile.Write(ref _high, key.High);
        Volatile.Write(ref _low, key.Low);
        Volatile.Write(ref _bits, key.Bits);
    }

    /// <summary>From now on it can be found and entered.</summary>
    /// <returns>Its state then. Others may have changed it since.</returns>
    public EntryState Publish()
    {
        EntryState published = new EntryState(_state).Publish();
        Volatile.Write(ref _state, published.Word);
        return published;
    }

    /// <summary>A time that only grows.</summary>
    public static void RaiseTo(ref long value, long to)
    {
        long seen = Volatile.Read(ref value);
        while (seen < to)
        {
            long before = Interlocked.CompareExchange(ref value, to, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
