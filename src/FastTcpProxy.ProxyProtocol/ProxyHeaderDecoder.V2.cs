using System.Buffers.Binary;

namespace FastTcpProxy.ProxyProtocol;

/// <content>Version 2, specification 2.2.</content>
public static partial class ProxyHeaderDecoder
{
    // Leaves the header at its default when more bytes are needed.
    private static ProxyDecodeError DecodeV2(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        int known = Math.Min(received.Length, V2Format.SignatureLength);
        if (!received[..known].SequenceEqual(V2Format.Signature[..known])) return ProxyDecodeError.NotAHeader;
        if (received.Length <= 12) return ProxyDecodeError.None;
        if ((received[12] & 0xF0) != V2Format.Version) return ProxyDecodeError.V2Version;
        if ((received[12] & 0x0F) > (byte)ProxyCommand.Proxy) return ProxyDecodeError.V2Command;
        ProxyCommand command = (ProxyCommand)(received[12] & 0x0F);
        if (command == ProxyCommand.Local) return DecodeV2Local(received, out header);

        if (received.Length <= 13) return ProxyDecodeError.None;
        ProxyAddressFamily family = (ProxyAddressFamily)(received[13] >> 4);
        ProxyTransport transport = (ProxyTransport)(received[13] & 0x0F);
        if (family > ProxyAddressFamily.Unix) return ProxyDecodeError.V2AddressFamily;
        if (transport > ProxyTransport.Datagram) return ProxyDecodeError.V2Transport;
        if (received.Length < V2Format.FixedLength) return ProxyDecodeError.None;
        int length = V2Format.TotalLength(received);
        int tlvOffset = V2Format.FixedLength + V2Format.AddressLength(family);
        if (length < tlvOffset) return ProxyDecodeError.V2AddressesTruncated;
        if (received.Length < length) return ProxyDecodeError.None;

        ReadOnlySpan<byte> whole = received[..length];
        ProxyDecodeError error = InspectTlvs(whole, tlvOffset, out _);
        if (error == ProxyDecodeError.V2TlvBounds && family == ProxyAddressFamily.Unspecified)
        {
            // Addresses of a family that the sender knows and we do not: to be ignored (specification 2.2), so there is no fault and there
            // are no TLVs.
            error = ProxyDecodeError.None;
            tlvOffset = length;
        }

        if (error == ProxyDecodeError.None) header = MakeV2(whole, tlvOffset, family, transport);
        return error;
    }

    // The family byte and the block mean nothing and are skipped whatever they hold (specification 2.2).
    private static ProxyDecodeError DecodeV2Local(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        header = default;
        if (received.Length < V2Format.FixedLength) return ProxyDecodeError.None;
        int length = V2Format.TotalLength(received);
        if (received.Length >= length)
            header = new ProxyHeader
            {
                Version = 2, Command = ProxyCommand.Local, Block = received[V2Format.FixedLength..length], Length = length,
            };
        return ProxyDecodeError.None;
    }

    private static ProxyHeader MakeV2(ReadOnlySpan<byte> whole, int tlvOffset, ProxyAddressFamily family, ProxyTransport transport)
    {
        ReadOnlySpan<byte> block = whole[V2Format.FixedLength..];
        InetEndPoint source = default, destination = default;
        ReadOnlySpan<byte> unixSource = default, unixDestination = default;
        // Addresses of an unspecified transport are to be ignored too (specification 2.2): no caller may see a family and miss its
        // addresses.
        if (transport == ProxyTransport.Unspecified) family = ProxyAddressFamily.Unspecified;
        switch (family)
        {
            case ProxyAddressFamily.InterNetwork:
                source = InetEndPoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(block),
                    BinaryPrimitives.ReadUInt16BigEndian(block[8..]));
                destination = InetEndPoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(block[4..]),
                    BinaryPrimitives.ReadUInt16BigEndian(block[10..]));
                break;
            case ProxyAddressFamily.InterNetworkV6:
                source = InetEndPoint.ReadIPv6(block, BinaryPrimitives.ReadUInt16BigEndian(block[32..]));
                destination = InetEndPoint.ReadIPv6(block[16..], BinaryPrimitives.ReadUInt16BigEndian(block[34..]));
                break;
            case ProxyAddressFamily.Unix:
                unixSource = UpToNul(block[..V2Format.UnixPathLength]);
                unixDestination = UpToNul(block[V2Format.UnixPathLength..V2Format.UnixBlockLength]);
                break;
        }

        return new ProxyHeader
        {
            Version = 2,
            Command = ProxyCommand.Proxy,
            AddressFamily = family,
            Transport = transport,
            Source = source,
            Destination = destination,
            UnixSource = unixSource,
            UnixDestination = unixDestination,
            Tlvs = new TlvReader(whole[tlvOffset..]),
            Block = block,
            Length = whole.Length,
        };
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> path)
    {
        int nul = path.IndexOf((byte)0);
        return nul < 0 ? path : path[..nul];
    }

    // The bounds come first and over the whole block: only bytes that are certainly TLVs are parsed.
    private static ProxyDecodeError InspectTlvs(ReadOnlySpan<byte> header, int tlvOffset, out bool hasCrc32C)
    {
        hasCrc32C = false;
        int crcField = 0;
        ProxyDecodeError fault = ProxyDecodeError.None;
        TlvReader.Enumerator tlvs = new TlvReader(header[tlvOffset..]).GetEnumerator();
        while (tlvs.MoveNext())
        {
            Tlv tlv = tlvs.Current;
            if (fault != ProxyDecodeError.None) continue;
            if (tlv.Type == TlvType.UniqueId && tlv.Value.Length > TlvWriter.MaxUniqueIdLength) fault = ProxyDecodeError.V2UniqueIdTooLong;
            if (tlv.Type != TlvType.Crc32C) continue;
            if (hasCrc32C) fault = ProxyDecodeError.V2Crc32CDuplicate;
            else if (tlv.Value.Length != Crc32C.ValueLength) fault = ProxyDecodeError.V2Crc32CLength;
            hasCrc32C = true;
            crcField = tlvOffset + tlvs.Position - Crc32C.ValueLength;
        }

        if (tlvOffset + tlvs.Position != header.Length) return ProxyDecodeError.V2TlvBounds;
        if (fault != ProxyDecodeError.None || !hasCrc32C) return fault;
        return BinaryPrimitives.ReadUInt32BigEndian(header[crcField..]) == Crc32C.OfHeader(header, crcField)
            ? ProxyDecodeError.None
            : ProxyDecodeError.V2Crc32CMismatch;
    }
}
