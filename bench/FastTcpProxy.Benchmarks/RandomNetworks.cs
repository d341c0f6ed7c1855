using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// Networks as public lists have them: of IPv4 mostly single addresses, then /24s and a few others; of IPv6 mostly /64s, then single
/// addresses and a few wider ones, in the address space that is assigned. One thread.
/// </summary>
internal sealed class RandomNetworks(EndPointFamily family, int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Different networks; half of the entries expire, far away.</summary>
    public NetworkEntry[] Entries(int count)
    {
        HashSet<Network> networks = [];
        while (networks.Count < count) networks.Add(Network.Of(Address(), Length(), out _)!.Value);
        return [.. networks.Select((network, i) =>
            new NetworkEntry(network, NetworkAction.Deny, 1, i % 2 == 0 ? NetworkEntry.Never : 1_000_000_000 + (uint)i))];
    }

    public InetEndPoint Address()
    {
        if (family == EndPointFamily.InterNetwork) return InetEndPoint.FromIPv4((uint)_random.NextInt64(1L << 32), 443);
        // 2001::/16, 2400::/12 and those of the other regions.
        ulong first = _random.Next(4) == 0 ? 0x2001ul : 0x2400ul + (ulong)_random.Next(0x610);
        return InetEndPoint.FromIPv6(new UInt128(first << 48 | (ulong)_random.NextInt64(1L << 48), (ulong)_random.NextInt64()), 443);
    }

    public InetEndPoint AddressIn(Network network)
    {
        InetEndPoint any = Address(), lowest = network.Address;
        int width = family == EndPointFamily.InterNetwork ? 32 : 128;
        UInt128 hosts = network.PrefixLength == 0 ? UInt128.MaxValue : (UInt128.One << (width - network.PrefixLength)) - 1;
        return width == 32
            ? InetEndPoint.FromIPv4(lowest.AddressV4 | (any.AddressV4 & (uint)hosts), 443)
            : InetEndPoint.FromIPv6(lowest.Address | (any.Address & hosts), 443);
    }

    public int Below(int count) => _random.Next(count);

    private int Length()
    {
        int part = _random.Next(100);
        return family == EndPointFamily.InterNetwork
            ? part < 70 ? 32 : part < 90 ? 24 : part < 95 ? 28 : part < 98 ? 22 : 16
            : part < 30 ? 128 : part < 80 ? 64 : part < 90 ? 56 : part < 97 ? 48 : 32;
    }
}
