using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>What became of a change.</summary>
public enum NetworkChange
{
    /// <summary>It is in force.</summary>
    Done,

    /// <summary>The table has <see cref="NetworkTable.EntriesMax"/> entries; nothing is changed.</summary>
    TableFull,

    /// <summary>One network has <see cref="NetworkTable.SameNetworkMax"/> entries; nothing is changed.</summary>
    NetworkFull,
}

/// <summary>
/// Networks that are allowed or denied, asked with an address (ADR 31). Any thread asks, without a lock and without allocation. Changes
/// take a lock among themselves, and are in force for every address that is asked afterwards. A change of one entry copies the
/// recent ones, and one in <see cref="RecentMax"/> makes the whole table anew.
/// </summary>
public sealed class NetworkTable
{
    /// <summary>
    /// Entries of a table: twice the million that lists of the internet's worst addresses have. To make so many anew is the longest work of
    /// a change.
    /// </summary>
    public const int EntriesMax = 1 << 21;

    /// <summary>
    /// Entries that are added before the table is made anew. Each of them copies those before it, and all share one copy of the table: the
    /// sum is least at the root of twice <see cref="EntriesMax"/>.
    /// </summary>
    public const int RecentMax = 2_048;

    /// <summary>
    /// Entries of one network: several lists, an operator and rules. They are asked one after the other, so there must be an end.
    /// </summary>
    public const int SameNetworkMax = 64;

    private readonly Lock _changes = new();
    private NetworkSnapshot _snapshot = NetworkSnapshot.Empty;

    /// <summary>How many entries there are, with those that have expired and are still in memory.</summary>
    public int Count => Snapshot is var snapshot ? snapshot.Slots - snapshot.Removed : 0;

    /// <summary>How many of them are not flattened yet, below <see cref="RecentMax"/>.</summary>
    public int RecentCount => Snapshot.Recent is var recent ? recent.Slots - recent.Removed : 0;

    /// <summary>The memory of all entries, in bytes.</summary>
    public long Bytes => Snapshot is var snapshot ? snapshot.Flattened.Bytes + snapshot.Recent.Bytes : 0;

    private NetworkSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>
    /// The entry that decides on an address as a client of a service: of the live ones of this service or of all, whose network contains
    /// it, the one with the narrowest network that allows, and if none allows, the one with the narrowest that denies. False: there is
    /// none.
    /// </summary>
    /// <param name="address">Its port does not matter.</param>
    /// <param name="service">Which; <see cref="NetworkEntry.AllServices"/>: only entries of all services are asked.</param>
    /// <param name="now">In the seconds of <see cref="NetworkEntry.Expires"/>.</param>
    /// <param name="entry">Which one.</param>
    public bool TryFind(InetEndPoint address, ushort service, uint now, out NetworkEntry entry) =>
        Snapshot.TryFind(address, service, now, out entry);

    /// <summary>All live entries whose network contains the address, of whichever service, the narrowest network first.</summary>
    /// <inheritdoc cref="TryFind"/>
    public IReadOnlyList<NetworkEntry> Covering(InetEndPoint address, uint now) => Snapshot.Covering(address, now);

    /// <summary>The live entries as they are when this is called: by network, IPv4 first, and the recent ones behind all others.</summary>
    public IEnumerable<NetworkEntry> Entries(uint now) => Snapshot is var snapshot
        ? snapshot.Flattened.Live(now).Concat(snapshot.Recent.Live(now)) : [];

    /// <summary>Adds an entry, or changes the expiry of the one that is there.</summary>
    public NetworkChange Set(in NetworkEntry entry, uint now)
    {
        lock (_changes)
        {
            if (TryExpire(entry, entry.Expires, out int others, out _)) return NetworkChange.Done;
            if (others >= SameNetworkMax || _snapshot.Slots >= EntriesMax)
            {
                // Some may be removed or have expired.
                Flatten(now);
                _snapshot.Locate(entry, out _, out others);
                if (others >= SameNetworkMax) return NetworkChange.NetworkFull;
                if (_snapshot.Slots >= EntriesMax) return NetworkChange.TableFull;
            }
            NetworkMerge.TryMerge(_snapshot.Recent, new ReadOnlySpan<NetworkEntry>(in entry), null, now, out FamilyTrees recent);
            Publish(_snapshot.Flattened, recent);
            if (recent.Slots >= RecentMax) Flatten(now);
            return NetworkChange.Done;
        }
    }

    /// <summary>Removes an entry, whatever its expiry. False: it was not there, or had expired.</summary>
    public bool Remove(in NetworkEntry entry, uint now)
    {
        lock (_changes)
        {
            if (!TryExpire(entry, 0, out _, out uint before)) return false;
            // More of the memory is of removed entries than of others.
            if (_snapshot.Removed >= Math.Max(RecentMax, _snapshot.Slots / 2)) Flatten(now);
            return before > now;
        }
    }

    /// <summary>
    /// Takes out some entries and adds others, all of it at one moment or nothing: a whole list, or what it has become. It makes the table
    /// anew.
    /// </summary>
    /// <param name="drops">Which entries are taken out; null: none.</param>
    /// <param name="entries">In any order. One that is there gets this expiry; of the same entry twice the one that lives longest
    /// counts.</param>
    public NetworkChange Replace(Predicate<NetworkEntry>? drops, ReadOnlySpan<NetworkEntry> entries, uint now)
    {
        NetworkEntry[] added = entries.ToArray();
        added.AsSpan().Sort(static (left, right) => NetworkEntry.Compare(left, right) is var order and not 0
            ? order : right.Expires.CompareTo(left.Expires));
        lock (_changes)
        {
            Flatten(now);
            if (!NetworkMerge.TryMerge(_snapshot.Flattened, added, drops, now, out FamilyTrees merged)) return NetworkChange.NetworkFull;
            if (merged.Slots > EntriesMax) return NetworkChange.TableFull;
            Publish(merged, default);
            return NetworkChange.Done;
        }
    }

    /// <summary>
    /// Flattens the recent entries, and gives back the memory of entries that have expired. Both happen by themselves while entries are
    /// added; this is for a table that does not change. When there is nothing to do it is a look at each entry.
    /// </summary>
    public void Merge(uint now)
    {
        lock (_changes) Flatten(now);
    }

    private bool TryExpire(in NetworkEntry entry, uint expires, out int others, out uint before)
    {
        before = 0;
        if (_snapshot.Locate(entry, out int index, out others) is not { } tree) return false;
        before = tree.Expire(index, expires);
        return true;
    }

    private void Flatten(uint now)
    {
        NetworkEntry[] recent = [.. _snapshot.Recent.Live(now)];
        // It cannot fail: these are the entries that there are.
        NetworkMerge.TryMerge(_snapshot.Flattened, recent, null, now, out FamilyTrees flattened);
        Publish(flattened, default);
    }

    // Both parts at once: an entry that moves from the one to the other is never missing.
    private void Publish(FamilyTrees flattened, FamilyTrees recent) =>
        Volatile.Write(ref _snapshot, new NetworkSnapshot(flattened, recent));
}
