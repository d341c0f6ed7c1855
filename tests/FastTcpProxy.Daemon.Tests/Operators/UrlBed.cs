using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>The real program whose interface is on TCP too, with TLS or without. The test that made it disposes it.</summary>
internal sealed class UrlBed : IAsyncDisposable
{
    public const string Token = "operators-token-0123456789";

    private readonly EchoUpstream _primary = new(), _secondary = new();
    private readonly TempFolder _folder = new("url");
    private readonly bool _tls;
    private ProxyProcess _proxy = null!;

    private UrlBed(bool tls) => _tls = tls;

    public IPEndPoint Admin { get; } = FreePort.Loopback();

    public string Url => $"{(_tls ? "https" : "http")}://{Admin}";

    public string Socket => _folder["admin.sock"];

    public string TokenFile => _folder["token"];

    /// <summary>Of the proxy, which is its own authority.</summary>
    public string CaFile => _folder["admin.pem"];

    public TempFolder Folder => _folder;

    public ProxyProcess Proxy => _proxy;

    /// <param name="name">For which the certificate is valid, beside the loopback address where it is null.</param>
    public static async Task<UrlBed> StartAsync(bool tls = true, string? name = null)
    {
        UrlBed bed = new(tls);
        bed.WriteToken("token", Token);
        bed._folder.Write("admin.pem", MakeCertificate(name));
        bed._proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [{ "name": "mail", "listen": ["{{FreePort.Loopback()}}"], "mode": "raw",
                "upstreams": [
                  { "name": "primary", "address": "{{bed._primary.EndPoint}}" },
                  { "name": "secondary", "address": "{{bed._secondary.EndPoint}}" } ] }],
              "admin": { "socket": "{{bed.Socket}}", "listen": ["{{bed.Admin}}"], "tokenFile": "{{bed.TokenFile}}"
                {{(tls ? $", \"certFile\": \"{bed.CaFile}\"" : "")}} } }
            """);
        await ServedSocket.AwaitAsync(bed.Socket, "the administrative socket is there");
        return bed;
    }

    public string WriteToken(string name, string token, UnixFileMode mode = UnixFileMode.UserRead)
    {
        string path = _folder.Write(name, token + "\n");
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>Runs a command over TCP to its end.</summary>
    public Task<ProcessResult> RunAsync(string line, string? url = null, string? tokenFile = null, string? caFile = null) =>
        ProxyExecutable.RunAsync([.. line.Split(' '), "--url", url ?? Url, "--token-file", tokenFile ?? TokenFile,
            .. caFile == "" || (caFile is null && !_tls) ? Array.Empty<string>() : ["--ca-file", caFile ?? CaFile]]);

    public async ValueTask DisposeAsync()
    {
        _proxy.Dispose();
        await _primary.DisposeAsync();
        await _secondary.DisposeAsync();
        _folder.Dispose();
    }

    private static string MakeCertificate(string? name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=proxy", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        if (name is not null) names.AddDnsName(name);
        else names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
