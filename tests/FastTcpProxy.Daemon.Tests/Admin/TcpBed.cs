using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The real server on a UNIX socket and a TCP port of its own, with TLS or without. The test that made it disposes it.</summary>
internal sealed class TcpBed : IAsyncDisposable
{
    public const string Token = "secret-0123456789/token", Name = "admin.example";

    private readonly TempFolder _folder;
    private readonly AdminServer _server;

    private TcpBed(TempFolder folder, AdminServer server, IPEndPoint endPoint, List<string> lines)
    {
        _folder = folder;
        _server = server;
        EndPoint = endPoint;
        Lines = lines;
    }

    public IPEndPoint EndPoint { get; }

    public string Path => _folder["admin.sock"];

    /// <summary>Of the server, which is its own authority.</summary>
    public string CertificateFile => _folder["admin.pem"];

    /// <summary>What the operational log got; lock it.</summary>
    public List<string> Lines { get; }

    public static async Task<TcpBed> StartAsync(bool tls = false, AdminLimits? limits = null, params ImmutableArray<AdminRoute> routes)
    {
        TempFolder folder = new("tcp");
        List<string> lines = [];
        void Add(string line)
        {
            lock (lines) lines.Add(line);
        }
        FakeTimeProvider time = new(FakeStatus.Start);
        File.WriteAllText(folder["token"], Token + "\n");
        File.SetUnixFileMode(folder["token"], UnixFileMode.UserRead);
        File.WriteAllText(folder["admin.pem"], MakeCertificate());
        AdminSockets sockets = AdminSockets.Bind(new AdminConfiguration
        {
            Socket = folder["admin.sock"],
            Listen =
            [
                new ConfiguredListenAddress
                {
                    Kind = AddressKind.Ip, Text = "127.0.0.1:0", EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
                },
            ],
            TokenFile = folder["token"],
            CertificateFile = tls ? folder["admin.pem"] : null,
        });
        IPEndPoint endPoint = sockets.TcpEndPoints[0];
        AdminServer server = await AdminServer.StartAsync(
            sockets, [.. FakeStatus.Routes(new FakeStatus(FakeStatus.Mail)), .. routes], time,
            new OperationalLog(time, new EventLines(Add)), limits).WaitAsync(Deadline.Patient);
        return new TcpBed(folder, server, endPoint, lines);
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(EndPoint);

    /// <summary>Sends a request with Connection: close over TCP without TLS, and returns all that comes back.</summary>
    public async Task<string> AskAsync(string headers, string requestLine = "GET /livez", string? host = null)
    {
        using TestClient client = await ConnectAsync();
        await client.SendAsync($"{requestLine} HTTP/1.1\r\nHost: {host ?? $"{EndPoint}"}\r\nConnection: close\r\n{headers}\r\n");
        return await client.ReceiveToEndAsync();
    }

    /// <summary>The same on the UNIX socket, without a token.</summary>
    public async Task<string> AskUnixAsync(string requestLine)
    {
        using TestClient client = await Ends.ConnectUnixAsync(Path);
        await client.SendAsync($"{requestLine} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return await client.ReceiveToEndAsync();
    }

    /// <summary>The real curl over TLS, which trusts this server's certificate alone.</summary>
    public Task<ProcessResult> CurlAsync(string host, string route, params string[] options)
    {
        RequiresPeer.Curl();
        return ChildProcess.RunAsync(RequiresPeer.CurlPath,
        [
            "--silent", "--show-error", "--cacert", CertificateFile, "--resolve", $"{host}:{EndPoint.Port}:127.0.0.1",
            "--oauth2-bearer", Token,
            $"https://{host}:{EndPoint.Port}{route}", .. options,
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>A certificate of its own authority for 127.0.0.1, and its key, in PEM.</summary>
    internal static string MakeCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=common.example", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(Name);
        names.AddDnsName("*.wild.example");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
