using System.Globalization;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// A source: an IPv4 address or the network of an IPv6 one, in a scope. Two keys are equal when they are the same network in the same
/// scope. An immutable value of 24 bytes; any thread.
/// </summary>
public readonly record struct SourceKey
{
    /// <summary>Scopes are numbered from 0 and below this: 0 is the process, and each number of a service has one.</summary>
    public const int ScopesMax = 4_096 + 1;

    /// <summary>The usual length of an IPv6 source's prefix: one link has a /64 (RFC 4291, section 2.5.4).</summary>
    public const int Ipv6PrefixDefault = 64;

    /// <summary>No source is wider than a large site, or narrower than an address.</summary>
    public const int Ipv6PrefixMin = LargeSitePrefix, Ipv6PrefixMax = 128;

    /// <summary>What a site gets (RIPE-690): offenders in one of them are limited together.</summary>
    private const int SitePrefix = 56, LargeSitePrefix = 48;

    private const int PrefixShift = 16;
    private const uint IPv4 = 1u << 24, Overflow = 1u << 25;

    // From the lowest bit of the third: the scope (16), the length of the prefix (8), flags.
    internal readonly ulong High;
    internal readonly ulong Low;
    internal readonly uint Bits;

    internal SourceKey(ulong high, ulong low, uint bits) => (High, Low, Bits) = (high, low, bits);

    /// <summary>Whose limits count by it: 0 the process's, otherwise those of a service, by its number and one.</summary>
    public int Scope => (ushort)Bits;

    /// <summary>32 for an IPv4 address, otherwise the length of the IPv6 prefix, in bits.</summary>
    public int PrefixLength => (byte)(Bits >> PrefixShift);

    public bool IsIPv4 => (Bits & IPv4) != 0;

    /// <summary>Whether it stands for all the sources of its scope for which the table had no room.</summary>
    public bool IsOverflow => (Bits & Overflow) != 0;

    /// <summary>The first address of the network, with port 0.</summary>
    public InetEndPoint Address => IsIPv4
        ? InetEndPoint.FromIPv4((uint)Low, 0)
        : InetEndPoint.FromIPv6(new UInt128(High, Low), 0);

    /// <summary>
    /// The source of a client. Clients without an address are one source. An IPv6 address in which an IPv4 one stands is that one.
    /// </summary>
    /// <param name="scope">From 0, below <see cref="ScopesMax"/>.</param>
    /// <param name="ipv6Prefix">From <see cref="Ipv6PrefixMin"/> to <see cref="Ipv6PrefixMax"/>.</param>
    public static SourceKey Of(InetEndPoint client, int scope = 0, int ipv6Prefix = Ipv6PrefixDefault)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)scope, (uint)ScopesMax, nameof(scope));
        ArgumentOutOfRangeException.ThrowIfLessThan(ipv6Prefix, Ipv6PrefixMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ipv6Prefix, Ipv6PrefixMax);
        InetEndPoint end = CountedAddress.Of(client);
        if (end.Family == EndPointFamily.InterNetwork)
            return IPv4Network(end.AddressV4, 32, (uint)scope);
        return end.Family == EndPointFamily.InterNetworkV6
            ? IPv6Network((ulong)(end.Address >> 64), (ulong)end.Address, ipv6Prefix, (uint)scope)
            : new SourceKey(0, 0, (uint)scope);
    }

    /// <summary>What stands for the sources of a scope for which there was no room.</summary>
    public static SourceKey OverflowOf(int scope) => new(0, 0, (ushort)scope | Overflow);

    /// <summary>The same network in another scope: numbers of services differ from process to process.</summary>
    public SourceKey InScope(int scope) => new(High, Low, (Bits & ~0xFFFFu) | (ushort)scope);

    /// <summary>The network around it, or itself when it is no longer than that.</summary>
    /// <param name="prefixLength">From 0 to 32 for IPv4, otherwise to 128.</param>
    public SourceKey Widen(int prefixLength)
    {
        if (prefixLength >= PrefixLength) return this;
        return IsIPv4
            ? IPv4Network((uint)Low, prefixLength, (uint)Scope)
            : IPv6Network(High, Low, prefixLength, (uint)Scope);
    }

    /// <summary>The network whose offenders are limited together: the /56 of a longer prefix, the /48 of a /56. IPv4 has none.</summary>
    internal bool TryGetParent(out SourceKey parent)
    {
        // The caller may put the parent in the place of this one.
        bool hasParent = !IsIPv4 && PrefixLength > LargeSitePrefix;
        parent = Widen(PrefixLength > SitePrefix ? SitePrefix : LargeSitePrefix);
        return hasParent;
    }

    /// <summary>Whether it can be a key: what was read from outside may be none.</summary>
    internal bool IsValid => Scope < ScopesMax && this == (
        IsOverflow ? OverflowOf(Scope)
        : PrefixLength > (IsIPv4 ? 32 : 128) ? default
        : IsIPv4 ? IPv4Network((uint)Low, PrefixLength, (uint)Scope)
        : IPv6Network(High, Low, PrefixLength, (uint)Scope));

    /// <summary>The address, with the length of the prefix where it is a network: <c>192.0.2.1</c>, <c>2001:db8::/64</c>.</summary>
    public override string ToString()
    {
        if (IsOverflow) return "overflow";
        if (PrefixLength == 0 && !IsIPv4) return "unspecified";
        string address = Address.ToString("A", CultureInfo.InvariantCulture);
        return PrefixLength == (IsIPv4 ? 32 : 128) ? address : string.Create(CultureInfo.InvariantCulture, $"{address}/{PrefixLength}");
    }

    private static SourceKey IPv4Network(uint address, int prefixLength, uint scope) => new(
        0, prefixLength == 0 ? 0 : address & (uint.MaxValue << (32 - prefixLength)), scope | ((uint)prefixLength << PrefixShift) | IPv4);

    private static SourceKey IPv6Network(ulong high, ulong low, int prefixLength, uint scope) => new(
        prefixLength >= 64 ? high : high & ~(ulong.MaxValue >> prefixLength),
        prefixLength > 64 ? low & ~(prefixLength == 128 ? 0 : ulong.MaxValue >> (prefixLength - 64)) : 0,
        scope | ((uint)prefixLength << PrefixShift));
}
