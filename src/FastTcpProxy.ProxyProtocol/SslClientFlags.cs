namespace FastTcpProxy.ProxyProtocol;

/// <summary>The client field of the SSL TLV (specification 2.2.6). The values are those on the wire.</summary>
[Flags]
public enum SslClientFlags : byte
{
    /// <summary>None of the others.</summary>
    None = 0,

    /// <summary>PP2_CLIENT_SSL: the client connected over TLS.</summary>
    Ssl = 0x01,

    /// <summary>PP2_CLIENT_CERT_CONN: the client showed a certificate on this connection.</summary>
    CertificateOnConnection = 0x02,

    /// <summary>PP2_CLIENT_CERT_SESS: the client showed a certificate at least once in this TLS session.</summary>
    CertificateInSession = 0x04,
}
