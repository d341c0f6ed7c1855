using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Control.Health.Probing;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>
/// An address of <c>admin.listen</c>, over TLS or, on this machine, without. Its token is in a file: an argument would be seen by every
/// user. No network query is made to judge the proxy's certificate.
/// </summary>
internal sealed class TcpTransport : AdminTransport
{
    private readonly Uri _url;
    private readonly string _tokenFile, _token;
    private readonly string? _caFile;
    private readonly X509Certificate2Collection? _authorities;

    /// <summary>What is wrong with the certificate that came; null: nothing, or none came.</summary>
    private volatile string? _complaint;

    /// <param name="caFile">Null: the authorities of the system.</param>
    /// <exception cref="AdminClientException">A file cannot be used.</exception>
    public TcpTransport(Uri url, string tokenFile, string? caFile)
    {
        _url = url;
        _tokenFile = tokenFile;
        _caFile = caFile;
        if (!AdminTokenFile.TryRead(tokenFile, out string? token, out string? why))
            throw new AdminClientException($"--token-file {tokenFile}: {why}; expected the token of the proxy (its admin.tokenFile): one "
                + $"line of {AdminTokenFile.LengthMin} to {AdminTokenFile.LengthMax} characters, in a file that only its owner may use");
        _token = token;
        try
        {
            if (caFile is not null) _authorities = CertificateFiles.Shared.Authorities(caFile);
        }
        catch (CertificateFileException e)
        {
            throw new AdminClientException($"--ca-file: {e.Message}; expected certificates of authorities in PEM", e);
        }
    }

    public override string Name => Origin;

    public override string Origin => OriginOf(_url);

    public override string Silence =>
        $"the network drops the packets, or the process hangs{(IsTls ? "" : ", or it waits for TLS: then the URL begins with https://")}";

    public override SocketsHttpHandler MakeHandler()
    {
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (_authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }
        SocketsHttpHandler handler = Handler();
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = TlsRules.Protocols,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsTrusted(certificate, chain),
        };
        return handler;
    }

    public override void Identify(HttpRequestMessage request) =>
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {_token}");

    public override string? ExplainStatus(int status) => status == 401
        ? $"the proxy does not accept the token of {_tokenFile}; expected the token of its admin.tokenFile, "
            + "as it was when the proxy started"
        : null;

    public override string Explain(HttpRequestException error) => error switch
    {
        _ when _complaint is { } complaint => $"{complaint}; expected a certificate for {CertifiedName} from an authority "
            + (_caFile is null ? "of this system (--ca-file names others)" : $"in {_caFile}"),
        { InnerException: SocketException s } => Explain(s),
        { HttpRequestError: HttpRequestError.SecureConnectionError } => $"the TLS handshake failed ({Innermost(error)}); "
            + "expected TLS; a proxy without admin.certFile speaks none, and its URL begins with http://",
        { HttpRequestError: HttpRequestError.InvalidResponse } => $"the answer is not HTTP; expected an address of admin.listen{OrTls}",
        { HttpRequestError: HttpRequestError.ResponseEnded } or { InnerException: IOException } => ExplainAnswer(error) + OrTls,
        _ => ExplainAnswer(error),
    };

    public override bool IsNoServer(HttpRequestException error) => false;

    /// <summary>
    /// With the zone of a link-local address, which names the interface, as the runtime takes it: not escaped. It is not sent (RFC 6874,
    /// sections 2 and 4).
    /// </summary>
    internal static string OriginOf(Uri url)
    {
        string host = url.DnsSafeHost;
        int zone = host.IndexOf('%');
        if (zone < 0) return url.GetLeftPart(UriPartial.Authority);
        ReadOnlySpan<char> name = host.AsSpan(zone + 1);
        if (name.Length > 2 && name.StartsWith("25")) name = name[2..];
        return $"{url.Scheme}://[{host.AsSpan(0, zone)}%{name}]:{url.Port}";
    }

    /// <summary>What the certificate must be for; no certificate names a zone.</summary>
    private string CertifiedName => _url.HostNameType == UriHostNameType.IPv6 ? _url.Host.Trim('[', ']') : _url.DnsSafeHost;

    private bool IsTls => _url.Scheme == Uri.UriSchemeHttps;

    private string OrTls => IsTls ? "" : "; or the proxy has an admin.certFile and speaks TLS: then the URL begins with https://";

    private static string Explain(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused; is the proxy running, with this address in admin.listen?",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the name does not resolve ({error.Message})",
        _ => error.Message,
    };

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error.Message.TrimEnd('.');
    }

    private bool IsTrusted(X509Certificate? certificate, X509Chain? chain)
    {
        _complaint = CertificateComplaints.Describe(certificate as X509Certificate2, chain, CertifiedName, DateTime.UtcNow);
        return _complaint is null;
    }
}
