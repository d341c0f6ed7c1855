using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Writes PROXY protocol headers into the caller's buffer. Pure functions without allocation, any thread.
/// Each <c>Try</c> returns false and reports 0 bytes when the destination is too short or the content does not fit the format;
/// the destination may then hold scraps, but a header with a wrong length is never reported as written.
/// </summary>
public static partial class ProxyHeaderEncoder
{
    /// <summary>The longest line of version 1 in bytes, CRLF included (specification 2.1).</summary>
    public const int MaxV1Length = 107;

    /// <summary>The shortest header of version 2 in bytes: no addresses, no TLVs (specification 2.2).</summary>
    public const int MinV2Length = V2Format.FixedLength;

    /// <summary>The longest header of version 2 in bytes: all that its length field can say (specification 2.2).</summary>
    public const int MaxV2Length = V2Format.FixedLength + ushort.MaxValue;

    /// <summary>The length of a header of version 2 over IPv4 without TLVs, in bytes.</summary>
    public const int V2IPv4Length = V2Format.FixedLength + V2Format.IPv4BlockLength;

    /// <summary>The length of a header of version 2 over IPv6 without TLVs, in bytes.</summary>
    public const int V2IPv6Length = V2Format.FixedLength + V2Format.IPv6BlockLength;

    /// <summary>What a CRC32C adds to a header of version 2, in bytes.</summary>
    public const int Crc32CTlvLength = Tlv.HeaderLength + Crc32C.ValueLength;

    /// <summary>The longest line that is written with addresses: TCP6 with 39 characters each (specification 2.1).</summary>
    private const int MaxWrittenV1Length = 104;

    /// <summary>
    /// Writes a line of version 1 (specification 2.1): TCP4, or TCP6 as soon as one end is IPv6, the other then as ::ffff:a.b.c.d;
    /// <c>PROXY UNKNOWN</c> when an end is unspecified. Mapped addresses are written as they are: see <see cref="InetEndPoint.Unmap"/>.
    /// </summary>
    /// <param name="destination">Where to; <see cref="MaxV1Length"/> bytes always suffice.</param>
    /// <param name="source">The client.</param>
    /// <param name="target">What the client connected to.</param>
    /// <param name="written">The length of the line, CRLF included; 0 when the result is false.</param>
    public static bool TryWriteV1(Span<byte> destination, InetEndPoint source, InetEndPoint target, out int written)
    {
        if (source.Family == EndPointFamily.Unspecified || target.Family == EndPointFamily.Unspecified)
            return TryWriteV1Unknown(destination, out written);
        if (destination.Length >= MaxWrittenV1Length)
        {
            written = WriteV1(destination, source, target);
            return true;
        }

        // How long the line gets is known when it is written: a short destination gets it by way of the stack.
        Span<byte> line = stackalloc byte[MaxWrittenV1Length];
        line = line[..WriteV1(line, source, target)];
        written = line.TryCopyTo(destination) ? line.Length : 0;
        return written > 0;
    }

    /// <summary>Writes <c>PROXY UNKNOWN</c> and CRLF, 15 bytes (specification 2.1).</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="written">15; 0 when the result is false.</param>
    public static bool TryWriteV1Unknown(Span<byte> destination, out int written)
    {
        ReadOnlySpan<byte> line = "PROXY UNKNOWN\r\n"u8;
        written = line.TryCopyTo(destination) ? line.Length : 0;
        return written > 0;
    }

    private static int WriteV1(Span<byte> destination, InetEndPoint source, InetEndPoint target)
    {
        bool ipv4 = source.Family == EndPointFamily.InterNetwork && target.Family == EndPointFamily.InterNetwork;
        (ipv4 ? "PROXY TCP4 "u8 : "PROXY TCP6 "u8).CopyTo(destination);
        if (!ipv4)
        {
            source = source.MapToIPv6();
            target = target.MapToIPv6();
        }

        int length = "PROXY TCP4 "u8.Length;
        length += source.WriteAddress(destination[length..]);
        destination[length++] = (byte)' ';
        length += target.WriteAddress(destination[length..]);
        destination[length++] = (byte)' ';
        length += AddressText.WriteNumber(destination[length..], source.Port);
        destination[length++] = (byte)' ';
        length += AddressText.WriteNumber(destination[length..], target.Port);
        BinaryPrimitives.WriteUInt16BigEndian(destination[length..], 0x0D0A);
        return length + 2;
    }
}
