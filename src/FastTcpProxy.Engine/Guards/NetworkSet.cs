using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Guards;

/// <summary>
/// A set of networks, asked with an address. Immutable; the question allocates nothing. Two are equal when they list the same networks.
/// </summary>
public sealed class NetworkSet : IEquatable<NetworkSet>
{
    private readonly ImmutableArray<Prefix> _prefixes;

    public NetworkSet(IEnumerable<IPNetwork> networks)
    {
        Networks = [.. networks];
        _prefixes = [.. Networks.Select(Prefix.From)];
    }

    public ImmutableArray<IPNetwork> Networks { get; }

    public bool Equals(NetworkSet? other) => other is not null && Networks.SequenceEqual(other.Networks);

    public override bool Equals(object? obj) => Equals(obj as NetworkSet);

    public override int GetHashCode() => Networks.Length;

    /// <summary>Whether the address lies in one of the networks. An unspecified address lies in none.</summary>
    public bool Contains(InetEndPoint address)
    {
        if (address.Family == EndPointFamily.Unspecified) return false;
        foreach (Prefix prefix in _prefixes)
        {
            if (prefix.Family == address.Family && ((address.Address ^ prefix.Value) & prefix.Mask) == 0) return true;
        }
        return false;
    }

    private readonly record struct Prefix(EndPointFamily Family, UInt128 Value, UInt128 Mask)
    {
        public static Prefix From(IPNetwork network)
        {
            bool v4 = network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;
            Span<byte> bytes = stackalloc byte[16];
            bytes.Clear();
            network.BaseAddress.TryWriteBytes(v4 ? bytes[12..] : bytes, out _);
            int width = v4 ? 32 : 128;
            int hostBits = width - network.PrefixLength;
            UInt128 host = hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
            return new Prefix(v4 ? EndPointFamily.InterNetwork : EndPointFamily.InterNetworkV6,
                BinaryPrimitives.ReadUInt128BigEndian(bytes), ~host);
        }
    }
}
