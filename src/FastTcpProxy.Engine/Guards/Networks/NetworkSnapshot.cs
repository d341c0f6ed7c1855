using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>
/// All entries of a table at one moment: the many, and the few that have come since those were flattened. Immutable but for the expiries;
/// any thread reads.
/// </summary>
internal sealed class NetworkSnapshot(FamilyTrees flattened, FamilyTrees recent)
{
    public static NetworkSnapshot Empty { get; } = new(default, default);

    public FamilyTrees Flattened => flattened;

    public FamilyTrees Recent => recent;

    /// <summary>How many there are, with those that are removed or have expired.</summary>
    public int Slots => flattened.Slots + recent.Slots;

    /// <summary>How many of them are removed.</summary>
    public int Removed => flattened.Removed + recent.Removed;

    /// <inheritdoc cref="NetworkTable.TryFind"/>
    public bool TryFind(InetEndPoint address, ushort service, uint now, out NetworkEntry entry)
    {
        InetEndPoint counted = CountedAddress.Of(address);
        (ulong high, ulong low) = Network.Bits(counted);
        PrefixSlot decides = default;
        flattened.Of(counted.Family)?.Find(high, low, service, now, ref decides);
        recent.Of(counted.Family)?.Find(high, low, service, now, ref decides);
        bool found = decides.Strength >= 0;
        Network network = found ? Network.Around(counted.Family, high, low, decides.PrefixLength) : default;
        entry = new NetworkEntry(network, decides.Action, decides.Number, decides.Expires, decides.Service);
        return found;
    }

    /// <inheritdoc cref="NetworkTable.Covering"/>
    public List<NetworkEntry> Covering(InetEndPoint address, uint now)
    {
        InetEndPoint counted = CountedAddress.Of(address);
        (ulong high, ulong low) = Network.Bits(counted);
        List<NetworkEntry> entries = [];
        flattened.Of(counted.Family)?.Cover(high, low, now, entries);
        recent.Of(counted.Family)?.Cover(high, low, now, entries);
        // All contain one address, so the order of networks is the order of their lengths.
        entries.Sort((left, right) => NetworkEntry.Compare(right, left));
        return entries;
    }

    /// <summary>The tree in which the entry is, whatever its expiry, and where; null: it is in none.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="others">How many entries of the same network there are.</param>
    public PrefixTree? Locate(in NetworkEntry entry, out int index, out int others)
    {
        PrefixTree? ofMany = flattened.Of(entry.Network.Family), ofFew = recent.Of(entry.Network.Family);
        others = 0;
        index = -1;
        if (ofMany is not null) index = ofMany.IndexOf(entry, out others);
        if (index >= 0 || ofFew is null) return index >= 0 ? ofMany : null;
        index = ofFew.IndexOf(entry, out int more);
        others += more;
        return index >= 0 ? ofFew : null;
    }
}
