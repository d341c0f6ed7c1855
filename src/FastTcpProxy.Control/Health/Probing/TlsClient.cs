using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// The TLS of one check: its settings, made at the first handshake, and the handshakes. Runs on the thread pool; used by one probe at a
/// time.
/// </summary>
/// <remarks>
/// No network query is made to judge a certificate, neither for a revocation list nor for a missing issuer. So no chain can make a probe
/// wait. The files are read at the first probe. A file that cannot be read is tried again at each probe: it may be replaced at that moment.
/// </remarks>
internal sealed class TlsClient
{
    /// <summary>With these every record of TLS begins (RFC 8446, 5.1).</summary>
    private const byte ContentTypeMin = 20, ContentTypeMax = 23;

    private readonly CheckTls _config;
    private readonly string _host;
    private SslClientAuthenticationOptions? _options;
    private string? _complaint;

    // The options share them with other checks; what is not held any more is read again.
    private X509Certificate2Collection? _authorities;

    /// <param name="host">Whom the certificate must name; a name is sent to the server as well (SNI), an IP address is not.</param>
    public TlsClient(CheckTls config, string host)
    {
        _config = config;
        _host = host;
    }

    /// <summary>
    /// The name or the address that a server is asked for: the one of the configuration, or else of the Host header, or else of the URL.
    /// </summary>
    public static string HostOf(CheckTls config, string? hostHeader, Uri url)
    {
        if (config.ServerName is { } name) return name;
        if (hostHeader is not null && Uri.TryCreate("https://" + hostHeader, UriKind.Absolute, out Uri? parsed)
            && parsed.DnsSafeHost.Length > 0)
            return HostOf(parsed);
        return HostOf(url);
    }

    /// <summary>Shakes hands over a connection that is open; TLS from there on, or what went wrong.</summary>
    public async ValueTask<(SslStream? Stream, ProbeOutcome? Failure)> HandshakeAsync(ProbeConnection connection, ProbeStream inner)
    {
        if (_options is null && !TryMakeOptions(out string? error)) return (null, new(ProbeFailure.Fault, error));
        connection.Phase = ProbePhase.Tls;
        _complaint = null;
        SslStream stream = new(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(_options!);
            return (stream, null);
        }
        catch (Exception e) when (TlsRules.IsEnd(e))
        {
            await stream.DisposeAsync();
            if (_complaint is not null) return (null, new(ProbeFailure.Certificate, _complaint));
            // The library says "frame size" and no more.
            if (inner.First is < ContentTypeMin or > ContentTypeMax)
                return (null, new(ProbeFailure.Tls, "TLS failed: the server answered without TLS; does it speak TLS on this port?"));
            return (null, AnswerFailures.Explain(connection) ? AnswerFailures.Describe(connection) : Describe(e));
        }
    }

    /// <summary>What an error of TLS is called: the innermost message is the one of the library, which says most.</summary>
    public static ProbeOutcome Describe(Exception error)
    {
        Exception innermost = error;
        while (innermost.InnerException is { } inner) innermost = inner;
        return new(ProbeFailure.Tls, $"TLS failed: {innermost.Message}");
    }

    private static string HostOf(Uri url) => url.HostNameType is UriHostNameType.Dns ? url.IdnHost : url.DnsSafeHost;

    private bool TryMakeOptions([System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
    {
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = _host,
            EnabledSslProtocols = TlsRules.Protocols,
            CertificateChainPolicy = policy,
            // A resumed session shows the certificate of an earlier handshake: one that has been replaced since would not be seen.
            AllowTlsResume = !_config.Verify,
            RemoteCertificateValidationCallback = _config.Verify ? IsTrusted : static (_, _, _, _) => true,
        };
        // A chain is built in any case. Where all servers pass, it is built of what the server sent, and no directory is searched.
        if (!_config.Verify || _config.CaFile is not null) policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        try
        {
            if (_config is { Verify: true, CaFile: { } authorities })
                policy.CustomTrustStore.AddRange(_authorities = CertificateFiles.Shared.Authorities(authorities));
            if (_config.CertificateFile is { } certificate)
                options.ClientCertificateContext = CertificateFiles.Shared.Identity(certificate, _config.KeyFile);
        }
        catch (CertificateFileException e)
        {
            // The next probe tries again.
            error = e.Message;
            return false;
        }
        _options = options;
        error = null;
        return true;
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _complaint = CertificateComplaints.Describe(certificate as X509Certificate2, chain, _host, DateTime.UtcNow);
        return _complaint is null;
    }
}
