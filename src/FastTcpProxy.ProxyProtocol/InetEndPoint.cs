using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// An IPv4 or IPv6 address and a port as an immutable value of 24 bytes, so that naming an end of a connection allocates nothing. Any
/// thread. The default value is <see cref="EndPointFamily.Unspecified"/>: no address.
/// </summary>
public readonly struct InetEndPoint : IEquatable<InetEndPoint>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>
    /// The longest text that any of the formats gives, in characters: <c>[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535</c>.
    /// </summary>
    public const int MaxTextLength = AddressText.MaxIPv6Length + 2 + 1 + AddressText.MaxPortLength;

    // Two halves and not a UInt128, whose alignment of 16 would make this 32 bytes.
    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ushort _port;
    private readonly EndPointFamily _family;

    internal InetEndPoint(EndPointFamily family, ulong high, ulong low, ushort port)
    {
        _family = family;
        _high = high;
        _low = low;
        _port = port;
    }

    /// <summary>What kind of address this holds.</summary>
    public EndPointFamily Family => _family;

    /// <summary>The port in host order, 0 when there is no address.</summary>
    public ushort Port => _port;

    /// <summary>The address as a number; the first byte on the wire is the highest. An IPv4 address stands in the low 32 bits.</summary>
    public UInt128 Address => new(_high, _low);

    /// <summary>The low 32 bits of the address: all of an IPv4 address (192.0.2.1 is 0xC0000201), the end of an IPv6 one.</summary>
    public uint AddressV4 => (uint)_low;

    /// <summary>Whether this is an IPv4-mapped IPv6 address, ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2).</summary>
    public bool IsIPv4Mapped => _family == EndPointFamily.InterNetworkV6 && _high == 0 && _low >> 32 == 0xFFFF;

    internal ulong High => _high;

    internal ulong Low => _low;

    /// <summary>Makes an IPv4 end from an address in host order: 192.0.2.1 is 0xC0000201.</summary>
    public static InetEndPoint FromIPv4(uint addressHostOrder, ushort port) => new(EndPointFamily.InterNetwork, 0, addressHostOrder, port);

    /// <summary>Makes an IPv6 end. A mapped address stays IPv6: see <see cref="Unmap"/>.</summary>
    public static InetEndPoint FromIPv6(UInt128 address, ushort port) =>
        new(EndPointFamily.InterNetworkV6, (ulong)(address >> 64), (ulong)address, port);

    /// <summary>
    /// Takes over the framework's end, without allocation. ::ffff:a.b.c.d becomes IPv4: that is how a dual-stack socket names an IPv4 peer.
    /// A scope id is dropped: it means nothing on another machine.
    /// </summary>
    /// <exception cref="ArgumentException">The address is neither IPv4 nor IPv6.</exception>
    public static InetEndPoint FromIPEndPoint(IPEndPoint ep)
    {
        ArgumentNullException.ThrowIfNull(ep);
        Span<byte> bytes = stackalloc byte[16];
        if (!ep.Address.TryWriteBytes(bytes, out int length))
            throw new ArgumentException("The address is neither IPv4 nor IPv6.", nameof(ep));
        return length == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), (ushort)ep.Port)
            : ReadIPv6(bytes, (ushort)ep.Port).Unmap();
    }

    /// <summary>Makes the framework's end of this one. It allocates, so it is not for the data path.</summary>
    /// <exception cref="InvalidOperationException">This is <see cref="EndPointFamily.Unspecified"/>.</exception>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], _low);
        return _family switch
        {
            EndPointFamily.InterNetwork => new IPEndPoint(new IPAddress(bytes[12..]), _port),
            EndPointFamily.InterNetworkV6 => new IPEndPoint(new IPAddress(bytes), _port),
            _ => throw new InvalidOperationException("An unspecified end has no address."),
        };
    }

    /// <summary>Gives the IPv4 end that ::ffff:a.b.c.d stands for, and every other end as it is.</summary>
    public InetEndPoint Unmap() => IsIPv4Mapped ? FromIPv4((uint)_low, _port) : this;

    /// <summary>Gives an IPv4 end as ::ffff:a.b.c.d, and every other end as it is.</summary>
    public InetEndPoint MapToIPv6() =>
        _family == EndPointFamily.InterNetwork ? new(EndPointFamily.InterNetworkV6, 0, 0xFFFF_0000_0000UL | _low, _port) : this;

    /// <summary>
    /// Reads <c>1.2.3.4:80</c> or <c>[::1]:80</c>: strictly, with no spaces, zone ids, leading zeros or short forms of IPv4. Mapped
    /// addresses stay IPv6.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out InetEndPoint endPoint)
    {
        endPoint = default;
        Span<byte> utf8 = stackalloc byte[64];
        return text.Length <= utf8.Length
            && Ascii.FromUtf16(text, utf8, out int length) == System.Buffers.OperationStatus.Done
            && TryParse(utf8[..length], out endPoint);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out InetEndPoint)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, out InetEndPoint endPoint)
    {
        endPoint = default;
        int colon = utf8Text.LastIndexOf((byte)':');
        if (colon < 1 || !AddressText.TryParsePort(utf8Text[(colon + 1)..], out ushort port)) return false;
        ReadOnlySpan<byte> address = utf8Text[..colon];
        if (address is [(byte)'[', .., (byte)']'])
        {
            if (!AddressText.TryParseIPv6(address[1..^1], out ulong high, out ulong low)) return false;
            endPoint = new(EndPointFamily.InterNetworkV6, high, low, port);
            return true;
        }

        if (!AddressText.TryParseIPv4(address, out uint ipv4)) return false;
        endPoint = FromIPv4(ipv4, port);
        return true;
    }

    /// <summary>
    /// Reads an address alone, <c>1.2.3.4</c> or <c>::1</c>, as strictly; the port is 0.
    /// </summary>
    public static bool TryParseAddress(ReadOnlySpan<byte> utf8Text, out InetEndPoint endPoint)
    {
        endPoint = default;
        bool isIPv4 = AddressText.TryParseIPv4(utf8Text, out uint ipv4);
        if (isIPv4) endPoint = FromIPv4(ipv4, 0);
        else if (AddressText.TryParseIPv6(utf8Text, out ulong high, out ulong low))
            endPoint = new(EndPointFamily.InterNetworkV6, high, low, 0);
        return isIPv4 || endPoint.Family != EndPointFamily.Unspecified;
    }

    /// <summary>
    /// Writes <c>1.2.3.4:80</c>, <c>[::1]:80</c> (RFC 5952) or <c>unspecified</c>; the format <c>A</c> writes the address alone, without
    /// brackets.
    /// </summary>
    /// <exception cref="FormatException">The format is neither empty, <c>G</c> nor <c>A</c>.</exception>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default,
        IFormatProvider? provider = null)
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        text = text[..Write(text, format)];
        bytesWritten = text.TryCopyTo(utf8Destination) ? text.Length : 0;
        return bytesWritten > 0;
    }

    /// <inheritdoc cref="TryFormat(Span{byte}, out int, ReadOnlySpan{char}, IFormatProvider?)"/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default,
        IFormatProvider? provider = null)
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        text = text[..Write(text, format)];
        charsWritten = 0;
        return destination.Length >= text.Length && Ascii.ToUtf16(text, destination,
            out charsWritten) == System.Buffers.OperationStatus.Done;
    }

    /// <inheritdoc cref="TryFormat(Span{byte}, out int, ReadOnlySpan{char}, IFormatProvider?)"/>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        return Encoding.ASCII.GetString(text[..Write(text, format)]);
    }

    /// <inheritdoc/>
    public override string ToString() => ToString(null, null);

    /// <inheritdoc/>
    public bool Equals(InetEndPoint other) =>
        _low == other._low && _high == other._high && _port == other._port && _family == other._family;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is InetEndPoint other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low, _port, _family);

    /// <summary>Whether family, address and port are the same.</summary>
    public static bool operator ==(InetEndPoint left, InetEndPoint right) => left.Equals(right);

    /// <summary>Whether family, address or port differ.</summary>
    public static bool operator !=(InetEndPoint left, InetEndPoint right) => !left.Equals(right);

    internal static InetEndPoint ReadIPv6(ReadOnlySpan<byte> address, ushort port) => new(
        EndPointFamily.InterNetworkV6, BinaryPrimitives.ReadUInt64BigEndian(address),
        BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port);

    /// <summary>Writes the address alone, at most <see cref="AddressText.MaxIPv6Length"/> bytes, and returns how many.</summary>
    internal int WriteAddress(Span<byte> destination) => _family == EndPointFamily.InterNetwork
        ? AddressText.WriteIPv4(destination, (uint)_low)
        : AddressText.WriteIPv6(destination, _high, _low);

    private int Write(Span<byte> destination, ReadOnlySpan<char> format)
    {
        bool addressOnly = format is "A";
        if (!addressOnly && format is not ("" or "G")) throw new FormatException("The format of an end is \"G\" or \"A\".");
        if (_family == EndPointFamily.Unspecified)
        {
            "unspecified"u8.CopyTo(destination);
            return "unspecified"u8.Length;
        }

        if (addressOnly) return WriteAddress(destination);
        int length = 0;
        bool brackets = _family == EndPointFamily.InterNetworkV6;
        if (brackets) destination[length++] = (byte)'[';
        length += WriteAddress(destination[length..]);
        if (brackets) destination[length++] = (byte)']';
        destination[length++] = (byte)':';
        return length + AddressText.WriteNumber(destination[length..], _port);
    }
}
