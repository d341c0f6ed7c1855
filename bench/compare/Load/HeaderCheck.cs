using System.Buffers.Binary;
using System.Buffers.Text;

namespace FastTcpProxy.Compare.Load;

/// <summary>What the backend makes of the bytes that a connection begins with.</summary>
internal enum HeaderVerdict
{
    /// <summary>It is right so far, and more bytes follow.</summary>
    Incomplete,
    Right,
    Wrong,
}

/// <summary>
/// Verifies the PROXY header of a client on loopback: the form, both addresses, and the port the client connected to. It is written from
/// the specification and shares nothing with the proxy's codec, so that it can contradict it. Pure, any thread.
/// </summary>
internal static class HeaderCheck
{
    /// <summary>
    /// The longest header that is waited for: what the specification allows version 1 is 107, and version 2 is given room for TLVs.
    /// </summary>
    public const int LengthMax = 536;

    private const int FixedBytes = 16, AddressBytes = 12;
    private const uint Loopback = 0x7F000001;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Looks at the beginning of a connection.</summary>
    /// <param name="bytes">All that has come in so far.</param>
    /// <param name="port">The proxy's port.</param>
    /// <param name="length">The header's length when it is right.</param>
    public static HeaderVerdict Read(HeaderKind kind, ReadOnlySpan<byte> bytes, int port, out int length)
    {
        length = 0;
        return kind switch
        {
            HeaderKind.V2 => ReadV2(bytes, port, out length),
            HeaderKind.V1 => ReadV1(bytes, port, out length),
            _ => HeaderVerdict.Right,
        };
    }

    private static HeaderVerdict ReadV2(ReadOnlySpan<byte> bytes, int port, out int length)
    {
        length = 0;
        int known = Math.Min(bytes.Length, Signature.Length);
        if (!bytes[..known].SequenceEqual(Signature[..known])) return HeaderVerdict.Wrong;
        if (bytes.Length < FixedBytes) return HeaderVerdict.Incomplete;
        int rest = BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        // 0x21: version 2, PROXY; 0x11: TCP over IPv4.
        if (bytes[12] != 0x21 || bytes[13] != 0x11 || rest < AddressBytes || FixedBytes + rest > LengthMax) return HeaderVerdict.Wrong;
        if (bytes.Length < FixedBytes + rest) return HeaderVerdict.Incomplete;
        bool right = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]) == Loopback
            && BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]) == Loopback
            && BinaryPrimitives.ReadUInt16BigEndian(bytes[24..]) != 0
            && BinaryPrimitives.ReadUInt16BigEndian(bytes[26..]) == port;
        length = FixedBytes + rest;
        return right ? HeaderVerdict.Right : HeaderVerdict.Wrong;
    }

    private static HeaderVerdict ReadV1(ReadOnlySpan<byte> bytes, int port, out int length)
    {
        const int lineMax = 107;
        length = 0;
        ReadOnlySpan<byte> prefix = "PROXY TCP4 127.0.0.1 127.0.0.1 "u8;
        int known = Math.Min(bytes.Length, prefix.Length);
        if (!bytes[..known].SequenceEqual(prefix[..known])) return HeaderVerdict.Wrong;
        int end = bytes.IndexOf("\r\n"u8);
        if (end < 0) return bytes.Length < lineMax ? HeaderVerdict.Incomplete : HeaderVerdict.Wrong;
        ReadOnlySpan<byte> ports = bytes[prefix.Length..end];
        bool right = end + 2 <= lineMax
            && Utf8Parser.TryParse(ports, out ushort source, out int used) && source != 0
            && used < ports.Length && ports[used] == ' '
            && Utf8Parser.TryParse(ports[(used + 1)..], out ushort destination, out int usedLast) && usedLast == ports.Length - used - 1
            && destination == port;
        length = end + 2;
        return right ? HeaderVerdict.Right : HeaderVerdict.Wrong;
    }
}
