namespace FastTcpProxy.ProxyProtocol;

/// <content>Version 1, specification 2.1.</content>
public static partial class ProxyHeaderDecoder
{
    // Leaves the header at its default when more bytes are needed.
    private static ProxyDecodeError DecodeV1(ReadOnlySpan<byte> received, out ProxyHeader header)
    {
        // Nothing beyond the longest line is read, so that a fault there cannot hide that the line is too long.
        ReadOnlySpan<byte> line = received.Length > ProxyHeaderEncoder.MaxV1Length ? received[..ProxyHeaderEncoder.MaxV1Length] : received;
        ProxyDecodeError error = ReadV1(line, out header);
        bool wanting = error == ProxyDecodeError.None && header.Length == 0;
        return wanting && line.Length == ProxyHeaderEncoder.MaxV1Length ? ProxyDecodeError.V1LineTooLong : error;
    }

    private static ProxyDecodeError ReadV1(ReadOnlySpan<byte> line, out ProxyHeader header)
    {
        header = default;
        ReadOnlySpan<byte> begin = "PROXY "u8;
        int known = Math.Min(line.Length, begin.Length);
        if (!line[..known].SequenceEqual(begin[..known])) return ProxyDecodeError.NotAHeader;

        V1LineReader reader = new(line, known);
        if (!reader.TryReadProtocol(out V1Protocol protocol)) return reader.Error;
        if (protocol == V1Protocol.Unknown)
        {
            if (reader.TrySkipToEnd()) header = new ProxyHeader { Version = 1, Command = ProxyCommand.Proxy, Length = reader.Position };
            return reader.Error;
        }

        bool ipv4 = protocol == V1Protocol.Tcp4;
        if (!reader.TryReadAddress(ipv4, ProxyDecodeError.V1SourceAddress, out ulong sourceHigh, out ulong sourceLow)
            || !reader.TryReadAddress(ipv4, ProxyDecodeError.V1DestinationAddress, out ulong targetHigh, out ulong targetLow)
            || !reader.TryReadPort(ProxyDecodeError.V1SourcePort, last: false, out ushort sourcePort)
            || !reader.TryReadPort(ProxyDecodeError.V1DestinationPort, last: true, out ushort targetPort))
        {
            return reader.Error;
        }

        EndPointFamily family = ipv4 ? EndPointFamily.InterNetwork : EndPointFamily.InterNetworkV6;
        header = new ProxyHeader
        {
            Version = 1,
            Command = ProxyCommand.Proxy,
            AddressFamily = ipv4 ? ProxyAddressFamily.InterNetwork : ProxyAddressFamily.InterNetworkV6,
            Transport = ProxyTransport.Stream,
            Source = new InetEndPoint(family, sourceHigh, sourceLow, sourcePort),
            Destination = new InetEndPoint(family, targetHigh, targetLow, targetPort),
            Length = reader.Position,
        };
        return ProxyDecodeError.None;
    }
}
