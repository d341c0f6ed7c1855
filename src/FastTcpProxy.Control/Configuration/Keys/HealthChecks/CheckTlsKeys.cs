using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>The keys of <c>tls</c>. Immutable, any thread.</summary>
internal static class CheckTlsKeys
{
    public static Key<bool> Verify { get; } = Key<bool>.WithDefault("verify", new BooleanKind(), false,
        "Whether the certificate must be valid now, be signed by a trusted issuer, and match the name. By default it need not, "
            + "because a service's own certificate often names another host.",
        "true");

    private static readonly Key<string?> ServerName = Key<string?>.WithComputedDefault("serverName", new ServerNameKind(), () => null,
        "The name in the TLS handshake, which the certificate must match. By default that of the Host header, else of the URL.",
        "\"mail.example\"");

    public static Key<string?> CaFile { get; } = Key<string?>.WithComputedDefault("caFile", new FilePathKind(), () => null,
        "A PEM file with the certificates of the trusted issuers. By default the system's are trusted.",
        "\"ca.pem\"");

    public static Key<string?> CertFile { get; } = Key<string?>.WithComputedDefault("certFile", new FilePathKind(), () => null,
        "A PEM file with the client certificate and its intermediate certificates. By default no client certificate is sent.",
        "\"client.pem\"");

    public static Key<string?> KeyFile { get; } = Key<string?>.WithComputedDefault("keyFile", new FilePathKind(), () => null,
        "A PEM file with the key of the client certificate, not encrypted. By default it is in certFile.", "\"client.key\"");

    public static ObjectKind<CheckTls> Kind { get; } = new([Verify, ServerName, CaFile, CertFile, KeyFile], Make);

    private static CheckTls Make(ObjectReader reader)
    {
        var tls = new CheckTls
        {
            Verify = reader.Get(Verify),
            ServerName = reader.Get(ServerName),
            CaFile = reader.Context.FullPath(reader.Get(CaFile)),
            CertificateFile = reader.Context.FullPath(reader.Get(CertFile)),
            KeyFile = reader.Context.FullPath(reader.Get(KeyFile)),
        };
        CheckTlsRules.Check(tls, reader);
        return tls;
    }
}
