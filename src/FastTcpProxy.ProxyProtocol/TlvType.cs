namespace FastTcpProxy.ProxyProtocol;

/// <summary>
/// The type of a TLV. Any byte may stand on the wire; the names are those of the specification (2.2) and the published ones of the large
/// clouds.
/// </summary>
public enum TlvType : byte
{
    /// <summary>PP2_TYPE_ALPN: the protocol negotiated, as bytes (2.2.1).</summary>
    Alpn = 0x01,

    /// <summary>PP2_TYPE_AUTHORITY: the host name that the client asked for, UTF-8 (2.2.2).</summary>
    Authority = 0x02,

    /// <summary>PP2_TYPE_CRC32C: the checksum of the whole header, 4 bytes (2.2.3).</summary>
    Crc32C = 0x03,

    /// <summary>PP2_TYPE_NOOP: padding (2.2.4).</summary>
    Noop = 0x04,

    /// <summary>PP2_TYPE_UNIQUE_ID: an opaque name of the connection, at most 128 bytes (2.2.5).</summary>
    UniqueId = 0x05,

    /// <summary>PP2_TYPE_SSL: see <see cref="SslTlv"/> (2.2.6).</summary>
    Ssl = 0x20,

    /// <summary>Inside <see cref="Ssl"/>: the TLS version, ASCII.</summary>
    SslVersion = 0x21,

    /// <summary>Inside <see cref="Ssl"/>: the common name of the client's certificate, UTF-8.</summary>
    SslCn = 0x22,

    /// <summary>Inside <see cref="Ssl"/>: the cipher, ASCII.</summary>
    SslCipher = 0x23,

    /// <summary>Inside <see cref="Ssl"/>: the algorithm that signed the frontend's certificate, ASCII.</summary>
    SslSigAlg = 0x24,

    /// <summary>Inside <see cref="Ssl"/>: the algorithm of the frontend's key, ASCII.</summary>
    SslKeyAlg = 0x25,

    /// <summary>PP2_TYPE_NETNS: the name of the network namespace, ASCII (2.2.7).</summary>
    NetNs = 0x30,

    /// <summary>
    /// PP2_TYPE_MIN_CUSTOM, the first of the range for applications (2.2.8). Google Cloud puts its PSC connection id here.
    /// </summary>
    Gcp = 0xE0,

    /// <summary>Amazon: its first byte is a subtype, 1 for the id of the VPC endpoint.</summary>
    Aws = 0xEA,

    /// <summary>Azure: its first byte is a subtype, 1 for the LinkID of the private endpoint.</summary>
    Azure = 0xEE,

    /// <summary>PP2_TYPE_MAX_CUSTOM, the last of the range for applications (2.2.8).</summary>
    MaxCustom = 0xEF,

    /// <summary>PP2_TYPE_MIN_EXPERIMENT (2.2.8).</summary>
    MinExperiment = 0xF0,

    /// <summary>PP2_TYPE_MAX_EXPERIMENT (2.2.8).</summary>
    MaxExperiment = 0xF7,

    /// <summary>PP2_TYPE_MIN_FUTURE (2.2.8).</summary>
    MinFuture = 0xF8,

    /// <summary>PP2_TYPE_MAX_FUTURE (2.2.8).</summary>
    MaxFuture = 0xFF,
}
