namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>TLS of an HTTPS check. Immutable.</summary>
public sealed record CheckTls
{
    /// <summary>Whether the certificate must be valid now, issued by a trusted issuer, and for <see cref="ServerName"/>.</summary>
    public bool Verify { get; init; }

    /// <summary>The name that is asked for (SNI) and that the certificate must hold; null: the Host header's, or else the URL's.</summary>
    public string? ServerName { get; init; }

    /// <summary>Path of a PEM file with the certificates of those who are trusted; null: the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Path of a PEM file with the client's certificate and those between it and its issuer; null: none is shown.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>
    /// Path of a PEM file with the client certificate's key, not encrypted; null: it is in <see cref="CertificateFile"/>.
    /// </summary>
    public string? KeyFile { get; init; }
}
