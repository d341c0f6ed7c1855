using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>Makes a <see cref="PrefixTree"/> of entries that come in their order. One thread; it gives its arrays to the tree.</summary>
internal sealed class PrefixTreeBuilder(EndPointFamily family, int capacity)
{
    private readonly ulong[] _highs = new ulong[capacity];
    private ulong[]? _lows;
    private PrefixSlot[] _slots = new PrefixSlot[capacity];

    public int Count { get; private set; }

    /// <summary>How many entries of the last one's network there are.</summary>
    public int SameNetwork { get; private set; }

    public void Add(in NetworkEntry entry)
    {
        Network network = entry.Network;
        int index = Count++;
        _highs[index] = network.High;
        if (network.Low != 0) (_lows ??= new ulong[capacity])[index] = network.Low;
        int around = index - 1;
        while (around >= 0 && !Contains(around, network)) around = _slots[around].Around;
        bool isSame = around == index - 1 && around >= 0 && _slots[around].PrefixLength == network.PrefixLength;
        SameNetwork = isSame ? SameNetwork + 1 : 1;
        _slots[index] = new PrefixSlot
        {
            Expires = entry.Expires,
            Number = entry.Number,
            Around = around,
            PrefixLength = network.PrefixLength,
            Action = entry.Action,
            Service = entry.Service,
        };
    }

    /// <summary>Null: there is no entry.</summary>
    public PrefixTree? Build()
    {
        if (Count == 0) return null;
        if (Count < capacity)
        {
            Array.Resize(ref _slots, Count);
            if (_lows is not null) Array.Resize(ref _lows, Count);
        }
        ReadOnlySpan<ulong> highs = _highs.AsSpan(0, Count);
        if (family == EndPointFamily.InterNetworkV6) return new PrefixTree(null, new SortedKeys<ulong>(highs), _lows, _slots);
        uint[] addresses = new uint[Count];
        for (int i = 0; i < addresses.Length; i++) addresses[i] = (uint)(highs[i] >> 32);
        return new PrefixTree(new SortedKeys<uint>(addresses), null, _lows, _slots);
    }

    private bool Contains(int index, Network network) => _slots[index].PrefixLength
        <= Network.SharedBits(_highs[index], _lows is null ? 0 : _lows[index], network.High, network.Low);
}
