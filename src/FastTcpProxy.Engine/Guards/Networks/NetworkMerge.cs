using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>
/// Makes trees of other trees and of entries. What has expired or was removed is left out, which is how it leaves the memory. Pure
/// functions, any thread, as long as no one writes expiries meanwhile.
/// </summary>
internal static class NetworkMerge
{
    /// <summary>The entries of the trees and the added ones; false: one network would have more than it may.</summary>
    /// <param name="trees">Those that stay as they are.</param>
    /// <param name="added">In their order. One that is in the trees too takes its place; of equal ones the first counts.</param>
    /// <param name="drops">Which entries of the trees do not stay; null: all stay.</param>
    public static bool TryMerge(FamilyTrees trees, ReadOnlySpan<NetworkEntry> added, Predicate<NetworkEntry>? drops, uint now,
        out FamilyTrees merged)
    {
        int ipv4 = 0;
        while (ipv4 < added.Length && added[ipv4].Network.Family == EndPointFamily.InterNetwork) ipv4++;
        bool done = TryMerge(EndPointFamily.InterNetwork, trees.IPv4, added[..ipv4], drops, now, out PrefixTree? first);
        done &= TryMerge(EndPointFamily.InterNetworkV6, trees.IPv6, added[ipv4..], drops, now, out PrefixTree? second);
        merged = new FamilyTrees(first, second);
        return done;
    }

    private static bool TryMerge(EndPointFamily family, PrefixTree? tree, ReadOnlySpan<NetworkEntry> added,
        Predicate<NetworkEntry>? drops, uint now, out PrefixTree? merged)
    {
        merged = tree;
        if (added.IsEmpty && drops is null && tree?.AllLive(now) != false) return true;
        int slots = tree?.Count ?? 0, next = 0, nextAdded = 0;
        PrefixTreeBuilder builder = new(family, slots + added.Length);
        while (next < slots || nextAdded < added.Length)
        {
            NetworkEntry entry = next < slots ? tree![next] : default;
            // Below 0: the tree's is first. 0: they are the same entry.
            int order = next == slots ? 1 : nextAdded == added.Length ? -1 : NetworkEntry.Compare(entry, added[nextAdded]);
            if (order <= 0) next++;
            if (order < 0 && drops?.Invoke(entry) == true) continue;
            if (order >= 0)
            {
                entry = added[nextAdded];
                do nextAdded++;
                while (nextAdded < added.Length && NetworkEntry.Compare(entry, added[nextAdded]) == 0);
            }
            if (!entry.IsLive(now)) continue;
            builder.Add(entry);
            if (builder.SameNetwork > NetworkTable.SameNetworkMax) return false;
        }
        merged = builder.Build();
        return true;
    }
}
