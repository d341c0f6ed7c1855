namespace FastTcpProxy.ProxyProtocol;

/// <summary>The words for a <see cref="ProxyDecodeError"/>. Constant texts: no allocation, any thread.</summary>
public static class ProxyDecodeErrorExtensions
{
    /// <summary>Says what is wrong and what was expected, in one line without a full stop, for logs and error messages.</summary>
    /// <param name="error">The fault. A value that is not defined gives a text too.</param>
    public static string ToText(this ProxyDecodeError error) => error switch
    {
        ProxyDecodeError.None => "no fault",
        ProxyDecodeError.NotAHeader =>
            "the first bytes are not those of a PROXY header: expected \"PROXY \" or the 12-byte signature of version 2",
        ProxyDecodeError.V1UnknownProtocol => "version 1: the protocol is unknown: expected TCP4, TCP6 or UNKNOWN",
        ProxyDecodeError.V1LineTooLong => "version 1: the line is too long: expected CRLF within the first 107 bytes",
        ProxyDecodeError.V1MissingField => "version 1: the line ends too early: expected two addresses and two ports",
        ProxyDecodeError.V1EmptyField => "version 1: a field is empty: expected exactly one space between fields",
        ProxyDecodeError.V1TrailingData => "version 1: something follows the destination port: expected CRLF",
        ProxyDecodeError.V1LoneCarriageReturn => "version 1: CR without LF: expected CRLF at the end of the line",
        ProxyDecodeError.V1LoneLineFeed => "version 1: LF without CR: expected CRLF at the end of the line",
        ProxyDecodeError.V1SourceAddress =>
            "version 1: the source address is not valid: expected an address of the family named by the line",
        ProxyDecodeError.V1DestinationAddress =>
            "version 1: the destination address is not valid: expected an address of the family named by the line",
        ProxyDecodeError.V1SourcePort => "version 1: the source port is not valid: expected 0 to 65535 without leading zeros",
        ProxyDecodeError.V1DestinationPort => "version 1: the destination port is not valid: expected 0 to 65535 without leading zeros",
        ProxyDecodeError.V2Version => "version 2: the version in byte 13 is unknown: expected 2",
        ProxyDecodeError.V2Command => "version 2: the command in byte 13 is unknown: expected 0 (LOCAL) or 1 (PROXY)",
        ProxyDecodeError.V2AddressFamily => "version 2: the address family in byte 14 is unknown: expected 0 to 3",
        ProxyDecodeError.V2Transport => "version 2: the transport in byte 14 is unknown: expected 0 to 2",
        ProxyDecodeError.V2AddressesTruncated =>
            "version 2: the length is too small for the addresses: expected at least 12 (IPv4), 36 (IPv6) or 216 (UNIX)",
        ProxyDecodeError.V2TlvBounds => "version 2: a TLV reaches past the end of the header: expected the last one to end with it",
        ProxyDecodeError.V2UniqueIdTooLong => "version 2: the UNIQUE_ID is too long: expected at most 128 bytes",
        ProxyDecodeError.V2Crc32CLength => "version 2: the CRC32C has a wrong length: expected 4 bytes",
        ProxyDecodeError.V2Crc32CDuplicate => "version 2: there is more than one CRC32C: expected one at most",
        ProxyDecodeError.V2Crc32CMismatch => "version 2: the CRC32C does not match: the header was damaged on its way",
        _ => "an unknown fault",
    };
}
