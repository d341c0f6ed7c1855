using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards;

/// <summary>
/// The address by which guards know a client: the IPv4 address where an IPv6 one only carries it. Otherwise a client could choose by which
/// of two names it is judged. Pure, any thread.
/// </summary>
public static class CountedAddress
{
    // 64:ff9b::/96, the well-known prefix of NAT64 (RFC 6052, section 2.1).
    private static readonly UInt128 Nat64 = new(0x0064_FF9B_0000_0000, 0);

    /// <summary>
    /// The IPv4 end for ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2) and for 64:ff9b::a.b.c.d (RFC 6052), and every other end as it is.
    /// </summary>
    public static InetEndPoint Of(InetEndPoint end) => end.Family != EndPointFamily.InterNetworkV6 ? end
        : end.IsIPv4Mapped || (end.Address ^ Nat64) >> 32 == 0 ? InetEndPoint.FromIPv4(end.AddressV4, end.Port)
        : end;
}
