using System.Globalization;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards.Networks;

/// <summary>
/// An IPv4 or IPv6 network, of 0 to 32 or 0 to 128 bits, as <see cref="CountedAddress"/> has it: a network within ::ffff:0:0/96 or
/// 64:ff9b::/96 is the IPv4 network, and a wider IPv6 network contains no IPv4 address. An immutable value, any thread. The default value
/// is no network and contains nothing.
/// </summary>
public readonly record struct Network : IComparable<Network>
{
    private const int EmbeddedBits = 96;

    private Network(EndPointFamily family, ulong high, ulong low, int prefixLength)
    {
        Family = family;
        High = high;
        Low = low;
        PrefixLength = (byte)prefixLength;
    }

    /// <summary>What kind of addresses it contains.</summary>
    public EndPointFamily Family { get; }

    /// <summary>How many leading bits all its addresses share.</summary>
    public byte PrefixLength { get; }

    /// <summary>Whether it contains one address only.</summary>
    public bool IsAddress => PrefixLength == Width(Family);

    /// <summary>Its lowest address.</summary>
    public InetEndPoint Address => Family switch
    {
        EndPointFamily.InterNetwork => InetEndPoint.FromIPv4((uint)(High >> 32), 0),
        EndPointFamily.InterNetworkV6 => InetEndPoint.FromIPv6(new UInt128(High, Low), 0),
        _ => default,
    };

    /// <summary>The first bits of its lowest address; those of an IPv4 address are the upper half.</summary>
    internal ulong High { get; }

    /// <summary>The other bits, zero in IPv4.</summary>
    internal ulong Low { get; }

    /// <summary>
    /// The network of an address and the number of bits that count. The bits beyond these are cleared, and <paramref name="hasHostBits"/>
    /// says whether there were any: what an operator wrote is then not a network. Null: no family has such a prefix, or the address is
    /// unspecified.
    /// </summary>
    public static Network? Of(InetEndPoint address, int prefixLength, out bool hasHostBits)
    {
        hasHostBits = false;
        if (address.Family == EndPointFamily.Unspecified || prefixLength < 0 || prefixLength > Width(address.Family)) return null;
        InetEndPoint counted = CountedAddress.Of(address);
        if (counted.Family != address.Family && prefixLength >= EmbeddedBits)
            (address, prefixLength) = (counted, prefixLength - EmbeddedBits);
        (ulong high, ulong low) = Bits(address);
        var network = new Network(address.Family, high & Mask(prefixLength), low & Mask(prefixLength - 64), prefixLength);
        hasHostBits = network.High != high || network.Low != low;
        return network;
    }

    /// <summary>The network of one address.</summary>
    /// <exception cref="ArgumentException">The address is unspecified.</exception>
    public static Network Of(InetEndPoint address) => Of(address, Width(address.Family), out _)
        ?? throw new ArgumentException("An unspecified address is in no network.", nameof(address));

    /// <summary>Whether the address lies in it.</summary>
    public bool Contains(InetEndPoint address)
    {
        InetEndPoint counted = CountedAddress.Of(address);
        if (Family == EndPointFamily.Unspecified || counted.Family != Family) return false;
        (ulong high, ulong low) = Bits(counted);
        return SharedBits(high, low, High, Low) >= PrefixLength;
    }

    /// <summary>IPv4 first, then by lowest address, the wider network first.</summary>
    public int CompareTo(Network other)
    {
        if (Family != other.Family) return ((byte)Family).CompareTo((byte)other.Family);
        if (High != other.High) return High.CompareTo(other.High);
        return Low != other.Low ? Low.CompareTo(other.Low) : PrefixLength.CompareTo(other.PrefixLength);
    }

    /// <summary><c>192.0.2.0/24</c>, or the address alone where it contains one only.</summary>
    public override string ToString() => IsAddress && Family != EndPointFamily.Unspecified
        ? $"{Address:A}" : string.Create(CultureInfo.InvariantCulture, $"{Address:A}/{PrefixLength}");

    public static bool operator <(Network left, Network right) => left.CompareTo(right) < 0;

    public static bool operator <=(Network left, Network right) => left.CompareTo(right) <= 0;

    public static bool operator >(Network left, Network right) => left.CompareTo(right) > 0;

    public static bool operator >=(Network left, Network right) => left.CompareTo(right) >= 0;

    /// <summary>The bits of an address as networks have them.</summary>
    internal static (ulong High, ulong Low) Bits(InetEndPoint address) => address.Family == EndPointFamily.InterNetwork
        ? ((ulong)address.AddressV4 << 32, 0)
        : ((ulong)(address.Address >> 64), (ulong)address.Address);

    /// <summary>How many leading bits two addresses of a family share, as if both had 128.</summary>
    internal static int SharedBits(ulong high, ulong low, ulong otherHigh, ulong otherLow) => high != otherHigh
        ? (int)ulong.LeadingZeroCount(high ^ otherHigh)
        : 64 + (int)ulong.LeadingZeroCount(low ^ otherLow);

    /// <summary>The network of the address with these bits.</summary>
    internal static Network Around(EndPointFamily family, ulong high, ulong low, int prefixLength) =>
        new(family, high & Mask(prefixLength), low & Mask(prefixLength - 64), prefixLength);

    private static int Width(EndPointFamily family) => family == EndPointFamily.InterNetwork ? 32 : 128;

    // A shift by 64 would be one by 0.
    private static ulong Mask(int bits) => bits <= 0 ? 0 : bits >= 64 ? ulong.MaxValue : ulong.MaxValue << (64 - bits);
}
