namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// Why a header is invalid, one value for each distinct fault; <see cref="ProxyDecodeErrorExtensions.ToText"/> says it in words.
/// The first fault from the left is the one reported, so it does not depend on how the bytes were split.
/// </summary>
public enum ProxyDecodeError : byte
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>The first bytes are neither <c>PROXY </c> nor the signature of version 2.</summary>
    NotAHeader,

    /// <summary>Version 1: the word after PROXY is none of TCP4, TCP6, UNKNOWN.</summary>
    V1UnknownProtocol,

    /// <summary>Version 1: no CRLF within the first 107 bytes.</summary>
    V1LineTooLong,

    /// <summary>Version 1: the line ends before all of its fields are there.</summary>
    V1MissingField,

    /// <summary>Version 1: more than one space between two fields.</summary>
    V1EmptyField,

    /// <summary>Version 1: something follows the destination port.</summary>
    V1TrailingData,

    /// <summary>Version 1: a CR that no LF follows.</summary>
    V1LoneCarriageReturn,

    /// <summary>Version 1: an LF that no CR precedes.</summary>
    V1LoneLineFeed,

    /// <summary>Version 1: the source is no address of the family that the line names.</summary>
    V1SourceAddress,

    /// <summary>Version 1: the destination is no address of the family that the line names.</summary>
    V1DestinationAddress,

    /// <summary>Version 1: the source port is no decimal number of 0 to 65535 without leading zeros.</summary>
    V1SourcePort,

    /// <summary>Version 1: the destination port is no decimal number of 0 to 65535 without leading zeros.</summary>
    V1DestinationPort,

    /// <summary>Version 2: the version half of the 13th byte is not 2.</summary>
    V2Version,

    /// <summary>Version 2: the command half of the 13th byte is neither LOCAL nor PROXY.</summary>
    V2Command,

    /// <summary>Version 2: the family half of the 14th byte is above 3.</summary>
    V2AddressFamily,

    /// <summary>Version 2: the transport half of the 14th byte is above 2.</summary>
    V2Transport,

    /// <summary>Version 2: the length is too small for the addresses of the family.</summary>
    V2AddressesTruncated,

    /// <summary>Version 2: a TLV does not end where the header does.</summary>
    V2TlvBounds,

    /// <summary>Version 2: a UNIQUE_ID of more than 128 bytes (specification 2.2.5).</summary>
    V2UniqueIdTooLong,

    /// <summary>Version 2: a CRC32C whose value is not 4 bytes long.</summary>
    V2Crc32CLength,

    /// <summary>Version 2: more than one CRC32C.</summary>
    V2Crc32CDuplicate,

    /// <summary>Version 2: the CRC32C is not that of the header (specification 2.2.3).</summary>
    V2Crc32CMismatch,
}
