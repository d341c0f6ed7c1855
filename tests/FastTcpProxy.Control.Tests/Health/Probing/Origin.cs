using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>
/// An origin that does with each connection what the test says, over TLS when it has a certificate. Any thread; its base owns the sockets.
/// </summary>
internal sealed class Origin : TcpUpstream
{
    private readonly Func<OriginConnection, Task> _script;
    private readonly Func<Socket, Task>? _first;
    private readonly SslServerAuthenticationOptions? _tls;

    /// <param name="first">What it does with the bare connection before all else.</param>
    public Origin(Func<OriginConnection, Task> script, X509Certificate2? certificate = null, bool asksForCertificate = false,
        IPEndPoint? address = null,
        Func<Socket, Task>? first = null)
        : base(address)
    {
        _script = script;
        _first = first;
        if (certificate is not null)
        {
            _tls = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true),
                ClientCertificateRequired = asksForCertificate,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            };
        }
    }

    /// <summary>One that reads a request and answers it with a text, byte for byte.</summary>
    public static Origin Answering(string answer, X509Certificate2? certificate = null) => new(
        async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(answer);
            await connection.HoldAsync();
        },
        certificate);

    public string Scheme => _tls is null ? "http" : "https";

    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        await using var network = new NetworkStream(connection);
        try
        {
            if (_first is not null)
                await _first(connection);
            if (_tls is null)
            {
                await _script(new OriginConnection(connection, network, null, stop));
                return;
            }
            await using var encrypted = new SslStream(network);
            await encrypted.AuthenticateAsServerAsync(_tls, stop);
            await _script(new OriginConnection(connection, encrypted, encrypted, stop));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The probe has gone, or did not like the certificate.
        }
    }
}

/// <summary>One connection of an <see cref="Origin"/>, which owns it. One task at a time.</summary>
internal sealed class OriginConnection(Socket socket, Stream stream, SslStream? encrypted, CancellationToken stop)
{
    public Socket Socket => socket;

    /// <summary>Cancelled when the test is over.</summary>
    public CancellationToken Stop => stop;

    public IPEndPoint Peer => (IPEndPoint)socket.RemoteEndPoint!;

    /// <summary>The name that was asked for, empty for none.</summary>
    public string ServerName => encrypted!.TargetHostName;

    public X509Certificate? ClientCertificate => encrypted!.RemoteCertificate;

    /// <summary>Reads to the empty line, a byte at a time so that what follows stays where it is.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head.Append((char)(await ReadExactlyAsync(1))[0]);
        return head.ToString();
    }

    public async Task<byte[]> ReadExactlyAsync(int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, stop);
        return bytes;
    }

    public async Task SendAsync(string text) => await stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);

    /// <summary>Sends the same again and again until the probe goes away.</summary>
    public async Task SendForeverAsync(string text)
    {
        while (true)
            await SendAsync(text);
    }

    /// <summary>Does nothing more until the probe goes away; true when that was by a reset.</summary>
    public async Task<bool> HoldAsync()
    {
        var buffer = new byte[1024];
        try
        {
            while (await stream.ReadAsync(buffer, stop) > 0)
            {
            }
            return false;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }
}
