using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <content>Version 2, specification 2.2.</content>
public static partial class ProxyHeaderEncoder
{
    /// <summary>
    /// Writes a PROXY header of version 2 over IPv4, or over IPv6 as soon as one end is IPv6, the other then as ::ffff:a.b.c.d.
    /// When an end or the transport is unspecified it says UNSPEC, without addresses. Mapped addresses are written as they are.
    /// </summary>
    /// <param name="destination">Where to: <see cref="V2IPv6Length"/> bytes suffice for any addresses, and the TLVs come on top.</param>
    /// <param name="source">The client.</param>
    /// <param name="target">What the client connected to.</param>
    /// <param name="tlvs">A block of TLVs as <see cref="TlvWriter"/> makes it, copied without parsing; may be empty.</param>
    /// <param name="written">The length of the header; 0 when the result is false.</param>
    /// <param name="transport">TCP unless said otherwise.</param>
    /// <returns>False when the destination is too short, addresses and TLVs exceed 65,535 bytes, or the transport is not defined.</returns>
    public static bool TryWriteV2(
        Span<byte> destination, InetEndPoint source, InetEndPoint target, ReadOnlySpan<byte> tlvs, out int written,
        ProxyTransport transport = ProxyTransport.Stream)
    {
        if (source.Family == EndPointFamily.InterNetwork && target.Family == EndPointFamily.InterNetwork && IsKnown(transport))
        {
            if (!TryBegin(destination, ProxyCommand.Proxy, ProxyAddressFamily.InterNetwork, transport, tlvs, out written)) return false;
            Span<byte> block = destination.Slice(V2Format.FixedLength, V2Format.IPv4BlockLength);
            BinaryPrimitives.WriteUInt64BigEndian(block, (ulong)source.AddressV4 << 32 | target.AddressV4);
            BinaryPrimitives.WriteUInt32BigEndian(block[8..], (uint)source.Port << 16 | target.Port);
            return true;
        }

        if (source.Family != EndPointFamily.Unspecified && target.Family != EndPointFamily.Unspecified && IsKnown(transport))
        {
            if (!TryBegin(destination, ProxyCommand.Proxy, ProxyAddressFamily.InterNetworkV6, transport, tlvs, out written)) return false;
            source = source.MapToIPv6();
            target = target.MapToIPv6();
            Span<byte> block = destination.Slice(V2Format.FixedLength, V2Format.IPv6BlockLength);
            BinaryPrimitives.WriteUInt64BigEndian(block, source.High);
            BinaryPrimitives.WriteUInt64BigEndian(block[8..], source.Low);
            BinaryPrimitives.WriteUInt64BigEndian(block[16..], target.High);
            BinaryPrimitives.WriteUInt64BigEndian(block[24..], target.Low);
            BinaryPrimitives.WriteUInt32BigEndian(block[32..], (uint)source.Port << 16 | target.Port);
            return true;
        }

        written = 0;
        return transport <= ProxyTransport.Datagram
            && TryBegin(destination, ProxyCommand.Proxy, ProxyAddressFamily.Unspecified, ProxyTransport.Unspecified, tlvs, out written);
    }

    /// <summary>
    /// Writes a LOCAL header of version 2: the sender speaks for itself, a health check for example. Without TLVs it is 16 bytes.
    /// </summary>
    /// <param name="destination">Where to.</param>
    /// <param name="tlvs">A block of TLVs, copied without parsing; receivers skip it. May be empty.</param>
    /// <param name="written">The length of the header; 0 when the result is false.</param>
    /// <returns>False when the destination is too short or the TLVs exceed 65,535 bytes.</returns>
    public static bool TryWriteV2Local(Span<byte> destination, ReadOnlySpan<byte> tlvs, out int written) =>
        TryBegin(destination, ProxyCommand.Local, ProxyAddressFamily.Unspecified, ProxyTransport.Unspecified, tlvs, out written);

    /// <summary>Writes a PROXY header of version 2 over UNIX sockets.</summary>
    /// <param name="destination">Where to: 232 bytes, and the TLVs come on top.</param>
    /// <param name="sourcePath">The client's path, at most 108 bytes, filled up with NUL. Empty for an unnamed socket.</param>
    /// <param name="targetPath">The path that the client connected to, in the same form.</param>
    /// <param name="tlvs">A block of TLVs, copied without parsing; may be empty.</param>
    /// <param name="written">The length of the header; 0 when the result is false.</param>
    /// <param name="transport">Stream unless said otherwise. Unspecified says UNSPEC, without the paths.</param>
    /// <returns>False when the destination is too short, a path is longer than 108 bytes, the block exceeds 65,535 bytes, or the transport
    /// is not defined.</returns>
    public static bool TryWriteV2Unix(
        Span<byte> destination, ReadOnlySpan<byte> sourcePath, ReadOnlySpan<byte> targetPath, ReadOnlySpan<byte> tlvs, out int written,
        ProxyTransport transport = ProxyTransport.Stream)
    {
        written = 0;
        if (sourcePath.Length > V2Format.UnixPathLength || targetPath.Length > V2Format.UnixPathLength) return false;
        if (!IsKnown(transport)) return TryWriteV2(destination, default, default, tlvs, out written, transport);
        if (!TryBegin(destination, ProxyCommand.Proxy, ProxyAddressFamily.Unix, transport, tlvs, out written)) return false;
        Span<byte> block = destination.Slice(V2Format.FixedLength, V2Format.UnixBlockLength);
        block.Clear();
        sourcePath.CopyTo(block);
        targetPath.CopyTo(block[V2Format.UnixPathLength..]);
        return true;
    }

    /// <summary>
    /// Writes what <see cref="TryWriteV2"/> writes, and after the TLVs a CRC32C of the whole header (specification 2.2.3).
    /// </summary>
    /// <inheritdoc cref="TryWriteV2"/>
    /// <returns>False where <see cref="TryWriteV2"/> or <see cref="TryAppendCrc32C"/> gives it.</returns>
    public static bool TryWriteV2WithCrc32C(
        Span<byte> destination, InetEndPoint source, InetEndPoint target, ReadOnlySpan<byte> tlvs, out int written,
        ProxyTransport transport = ProxyTransport.Stream) =>
        TryWriteV2(destination, source, target, tlvs, out written, transport) && TryAppendCrc32C(destination, written, out written);

    /// <summary>
    /// Adds a CRC32C to a header of version 2 that stands at the beginning of the destination, and corrects its length field. It must come
    /// last: any later change makes it wrong.
    /// </summary>
    /// <param name="destination">The header, and 7 bytes or more after it.</param>
    /// <param name="headerLength">The length of the header as it was written.</param>
    /// <param name="written">The new length; 0 when the result is false, and then the header is as it was.</param>
    /// <returns>False when the 7 bytes have no room or take the length over 65,535, when this is no header of version 2 of that length, or
    /// when it has a CRC32C already.</returns>
    public static bool TryAppendCrc32C(Span<byte> destination, int headerLength, out int written)
    {
        written = 0;
        if (headerLength is < MinV2Length or > MaxV2Length - Crc32CTlvLength
            || destination.Length - headerLength < Crc32CTlvLength)
            return false;
        if (!destination.StartsWith(V2Format.Signature) || V2Format.TotalLength(destination) != headerLength) return false;
        if (ProxyHeaderDecoder.VerifyCrc32C(destination[..headerLength]) != Crc32COutcome.Absent) return false;

        Span<byte> header = destination[..(headerLength + Crc32CTlvLength)];
        BinaryPrimitives.WriteUInt16BigEndian(header[14..], (ushort)(header.Length - V2Format.FixedLength));
        header[headerLength] = (byte)TlvType.Crc32C;
        BinaryPrimitives.WriteUInt16BigEndian(header[(headerLength + 1)..], Crc32C.ValueLength);
        int field = headerLength + Tlv.HeaderLength;
        // Network byte order, as all of the header; the checksum of the empty value is the one over zeros.
        BinaryPrimitives.WriteUInt32BigEndian(header[field..], Crc32C.OfHeader(header, field));
        written = header.Length;
        return true;
    }

    private static bool IsKnown(ProxyTransport transport) => transport is ProxyTransport.Stream or ProxyTransport.Datagram;

    // Writes all but the addresses. The two stores of 8 bytes are the signature and what follows it, up to the 16th byte.
    private static bool TryBegin(
        Span<byte> destination, ProxyCommand command, ProxyAddressFamily family, ProxyTransport transport, ReadOnlySpan<byte> tlvs,
        out int written)
    {
        int addressLength = V2Format.AddressLength(family);
        // Compared this way round, no length of a span can make the sum overflow.
        if (tlvs.Length > ushort.MaxValue - addressLength || destination.Length - V2Format.FixedLength - addressLength < tlvs.Length)
        {
            written = 0;
            return false;
        }

        uint rest = (uint)(V2Format.Version | (byte)command) << 24 | (uint)((byte)family << 4 | (byte)transport) << 16
            | (uint)(addressLength + tlvs.Length);
        BinaryPrimitives.WriteUInt64BigEndian(destination, 0x0D0A0D0A_000D0A51UL);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], 0x5549540A_00000000UL | rest);
        tlvs.CopyTo(destination[(V2Format.FixedLength + addressLength)..]);
        written = V2Format.FixedLength + addressLength + tlvs.Length;
        return true;
    }
}
