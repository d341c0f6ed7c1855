using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>A tree for each family; null: there is no entry of it. A value.</summary>
internal readonly record struct FamilyTrees(PrefixTree? IPv4, PrefixTree? IPv6)
{
    public int Slots => (IPv4?.Count ?? 0) + (IPv6?.Count ?? 0);

    public int Removed => (IPv4?.Removed ?? 0) + (IPv6?.Removed ?? 0);

    public long Bytes => (IPv4?.Bytes ?? 0) + (IPv6?.Bytes ?? 0);

    public PrefixTree? Of(EndPointFamily family) => family switch
    {
        EndPointFamily.InterNetwork => IPv4,
        EndPointFamily.InterNetworkV6 => IPv6,
        _ => null,
    };

    /// <summary>The live entries in their order.</summary>
    public IEnumerable<NetworkEntry> Live(uint now) => Live(IPv4, now).Concat(Live(IPv6, now));

    private static IEnumerable<NetworkEntry> Live(PrefixTree? tree, uint now)
    {
        for (int i = 0; i < (tree?.Count ?? 0); i++)
        {
            if (tree![i] is var entry && entry.IsLive(now)) yield return entry;
        }
    }
}
