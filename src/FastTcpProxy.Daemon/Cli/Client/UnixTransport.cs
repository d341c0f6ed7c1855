using System.Net.Sockets;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>A UNIX socket: <c>admin.socket</c> of a proxy on this machine.</summary>
internal sealed class UnixTransport(string path) : AdminTransport
{
    public override string Name => path;

    public override string Origin => "http://localhost";

    public override string Silence => "the process hangs, or is stopped (see: ss -lxp)";

    public override SocketsHttpHandler MakeHandler()
    {
        SocketsHttpHandler handler = Handler();
        handler.ConnectCallback = async (_, stop) => await ConnectAsync(stop);
        return handler;
    }

    public override void Identify(HttpRequestMessage request)
    {
        if (SudoUser.OfThisProcess() is { } sudo) request.Headers.TryAddWithoutValidation(SudoUser.HeaderName, sudo);
    }

    public override string Explain(HttpRequestException error) => error switch
    {
        { InnerException: SocketException s } => Explain(s.SocketErrorCode) ?? s.Message,
        { HttpRequestError: HttpRequestError.InvalidResponse } => "the answer is not HTTP; is this the socket of a fasttcpproxy?",
        _ => ExplainAnswer(error),
    };

    public override bool IsNoServer(HttpRequestException error) => error.InnerException
        is SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.ConnectionRefused };

    private async Task<Stream> ConnectAsync(CancellationToken stop)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Why no process was reached; null when the error says nothing special.</summary>
    private string? Explain(SocketError error) => error switch
    {
        // connect(2) says "no such file" with the same code as "no such address".
        SocketError.AddressNotAvailable => "no such socket; is the proxy running, with this path as admin.socket (--socket, "
            + "FASTTCPPROXY_SOCKET)? If the file was deleted, SIGHUP makes the proxy bind it again",
        SocketError.AccessDenied =>
            "permission denied; only root and the socket's owner and group may use it (see: ls -l), and they need access to its directory",
        SocketError.ConnectionRefused when !UnixSocketFile.IsSocket(path) =>
            "the file is not a socket; expected admin.socket of a running proxy",
        SocketError.ConnectionRefused => "no process serves this socket: the proxy that made it has exited; start it again",
        _ => null,
    };
}
