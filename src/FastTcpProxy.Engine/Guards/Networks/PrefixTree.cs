using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>
/// The entries of one family, flattened into arrays in the order of their networks. An address asks for the last entry that begins at or
/// before it. The networks that contain the address are that one or those around it, and each entry knows the next around it. Immutable but
/// for the expiries, each of which is one aligned word: the owner of the table writes them, and any thread reads.
/// </summary>
internal sealed class PrefixTree
{
    private const int LineBytes = 64;

    // The upper halves of the lowest addresses: one of these two, as an IPv4 address has 32 bits.
    private readonly SortedKeys<uint>? _ipv4;
    private readonly SortedKeys<ulong>? _ipv6;

    // The lower halves; null when all of them are zero, as in lists of IPv6 networks of up to 64 bits.
    private readonly ulong[]? _lows;
    private readonly PrefixSlot[] _slots;

    public PrefixTree(SortedKeys<uint>? ipv4, SortedKeys<ulong>? ipv6, ulong[]? lows, PrefixSlot[] slots)
    {
        _ipv4 = ipv4;
        _ipv6 = ipv6;
        _lows = lows;
        _slots = slots;
    }

    public int Count => _slots.Length;

    /// <summary>How many of them are removed. The owner of the table writes it.</summary>
    public int Removed { get; private set; }

    /// <summary>Without the headers of arrays and objects.</summary>
    public long Bytes => (_ipv4?.Bytes ?? 0) + (_ipv6?.Bytes ?? 0) + (_lows?.LongLength ?? 0) * sizeof(ulong)
        + _slots.LongLength * Unsafe.SizeOf<PrefixSlot>();

    private EndPointFamily Family => _ipv4 is null ? EndPointFamily.InterNetworkV6 : EndPointFamily.InterNetwork;

    public NetworkEntry this[int index]
    {
        get
        {
            PrefixSlot slot = _slots[index];
            Network network = Network.Around(Family, High(index), LowOf(index), slot.PrefixLength);
            return new NetworkEntry(network, slot.Action, slot.Number, slot.Expires, slot.Service);
        }
    }

    /// <summary>The entry that decides on a client of the service, if it is stronger than the one that is known already.</summary>
    public void Find(ulong high, ulong low, ushort service, uint now, ref PrefixSlot decides)
    {
        int index = LastFrom(high, low);
        if (index < 0) return;
        // What the networks around an entry share with the address is what they share with the entry: their addresses are not read.
        int shared = SharedBits(index, high, low);
        do
        {
            // One copy: its expiry may be written at any time, and must be the same in each of these questions.
            PrefixSlot slot = _slots[index];
            if (slot.PrefixLength <= shared && slot.IsLive(now) && slot.IsOf(service) && slot.Strength > decides.Strength) decides = slot;
            index = slot.Around;
        }
        while (index >= 0);
    }

    /// <summary>Adds every live entry whose network contains the address.</summary>
    public void Cover(ulong high, ulong low, uint now, List<NetworkEntry> entries)
    {
        int index = LastFrom(high, low);
        if (index < 0) return;
        int shared = SharedBits(index, high, low);
        for (; index >= 0; index = _slots[index].Around)
        {
            if (_slots[index].PrefixLength <= shared && _slots[index].IsLive(now)) entries.Add(this[index]);
        }
    }

    /// <summary>Where this entry is, whatever its expiry; -1: it is not here.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="others">How many entries of the same network there are.</param>
    public int IndexOf(in NetworkEntry entry, out int others)
    {
        others = 0;
        int found = -1;
        Network network = entry.Network;
        // Entries of one network are neighbours, so each is around the next.
        for (int index = LastFrom(network.High, network.Low); index >= 0 && High(index) == network.High && LowOf(index) == network.Low;
            index = _slots[index].Around)
        {
            PrefixSlot slot = _slots[index];
            if (slot.PrefixLength != network.PrefixLength) continue;
            others++;
            if (slot.Number == entry.Number && slot.Action == entry.Action && slot.Service == entry.Service) found = index;
        }
        return found;
    }

    /// <summary>Sets until when an entry is live; 0: it is removed. Readers see it at once. Returns what was set before.</summary>
    public uint Expire(int index, uint expires)
    {
        ref uint place = ref _slots[index].Expires;
        uint before = place;
        Removed += (expires == 0 ? 1 : 0) - (before == 0 ? 1 : 0);
        Volatile.Write(ref place, expires);
        return before;
    }

    /// <summary>Whether none is removed and none has expired.</summary>
    public bool AllLive(uint now)
    {
        if (Removed > 0) return false;
        foreach (ref readonly PrefixSlot slot in _slots.AsSpan())
        {
            if (!slot.IsLive(now)) return false;
        }
        return true;
    }

    // The index of the last entry that begins at or before the address, or -1.
    private int LastFrom(ulong high, ulong low)
    {
        int index = LastFrom(high);
        if (_lows is null || index < 0 || High(index) != high) return index;
        int first = index == 0 || High(index - 1) != high ? index : high == 0 ? 0 : LastFrom(high - 1) + 1;
        while (first <= index)
        {
            int middle = (first + index) >>> 1;
            if (_lows[middle] <= low) first = middle + 1;
            else index = middle - 1;
        }
        return index;
    }

    private int LastFrom(ulong high)
    {
        uint first = (uint)(high >> 32);
        int block = _ipv6 is null ? _ipv4!.BlockOf(first) : _ipv6.BlockOf(high);
        if (block < 0) return -1;
        Prefetch(block * SortedKeys<uint>.BlockKeys);
        return _ipv6 is null ? _ipv4!.LastIn(block, first) : _ipv6.LastIn(block, high);
    }

    // What belongs to the keys of a block, while these are on their way: in a large table all of it comes from memory, and one wait is
    // shorter than three.
    private void Prefetch(int index)
    {
        if (!Sse.IsSupported) return;
        Prefetch(_slots, index, SortedKeys<uint>.BlockKeys * Unsafe.SizeOf<PrefixSlot>());
        if (_lows is not null) Prefetch(_lows, index, SortedKeys<uint>.BlockKeys * sizeof(ulong));
    }

    private static unsafe void Prefetch<T>(T[] values, int index, int bytes)
        where T : unmanaged
    {
        // An address that is not valid any more does no harm: it is a hint. Arrays do not begin where lines do.
        byte* first = (byte*)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), index));
        for (int at = 0; at <= bytes; at += LineBytes) Sse.Prefetch0(first + at);
    }

    // The lower half is another line of memory, which only the last bits need.
    private int SharedBits(int index, ulong high, ulong low) =>
        Network.SharedBits(high, low, High(index), High(index) == high ? LowOf(index) : 0);

    private ulong High(int index) => _ipv6 is null ? (ulong)_ipv4![index] << 32 : _ipv6[index];

    private ulong LowOf(int index) => _lows is null ? 0 : _lows[index];
}

/// <summary>What a <see cref="PrefixTree"/> knows of an entry beside its address, in 16 bytes. A value.</summary>
internal struct PrefixSlot
{
    /// <summary>0: it is removed.</summary>
    public uint Expires;
    public uint Number;

    /// <summary>The index of the narrowest entry around it, or -1.</summary>
    public int Around;
    public byte PrefixLength;
    public NetworkAction Action;
    public ushort Service;

    /// <summary>What allows is stronger than what denies, then the narrower network; nothing is weaker than the default value.</summary>
    public readonly int Strength => Expires == 0 ? -1 : ((int)Action << 8) + PrefixLength;

    public readonly bool IsLive(uint now) => now < Expires;

    public readonly bool IsOf(ushort service) => Service == NetworkEntry.AllServices || Service == service;
}
