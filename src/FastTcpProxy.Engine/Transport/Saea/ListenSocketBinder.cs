using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// Binds a listening address: one socket for each loop, among which the kernel spreads the clients (SO_REUSEPORT, socket(7)); one in all for a
/// UNIX socket. Runs at the start, on no loop.
/// </summary>
internal static class ListenSocketBinder
{
    /// <summary>Connections that the kernel keeps until they are accepted; net.core.somaxconn caps it.</summary>
    public const int Backlog = 16_384;

    /// <exception cref="BindException">The address cannot be had; the message says why.</exception>
    public static BoundListener[] Bind(ListenAddress address, int loops)
    {
        if (address.UnixPath is { } path) return [BindUnix(address, path)];
        List<BoundListener> bound = [];
        try
        {
            IPEndPoint endPoint = (IPEndPoint)address.EndPoint;
            for (int i = 0; i < loops; i++)
            {
                Socket socket = NewSocket(endPoint.AddressFamily, address.IsDualStack);
                bound.Add(new BoundListener(address, socket, default));
                // The first socket asks for the address alone, so that another process which shares it is a conflict and not a rival.
                if (i > 0) Native.SetReusePort(Fd(socket));
                socket.Bind(endPoint);
                if (i == 0 && loops > 1) Native.SetReusePort(Fd(socket));
                // With port 0 the first bind chooses; the others follow it.
                endPoint = (IPEndPoint)socket.LocalEndPoint!;
                bound[i] = bound[i] with { LocalEndPoint = InetEndPoint.FromIPEndPoint(endPoint) };
            }
            foreach (BoundListener listener in bound) ((Socket)listener.Handle).Listen(Backlog);
            return [.. bound];
        }
        catch (SocketException e)
        {
            foreach (BoundListener listener in bound) ((Socket)listener.Handle).Dispose();
            throw new BindException($"cannot listen on {address}: {Explain(e)}", e);
        }
    }

    private static int Fd(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private static Socket NewSocket(AddressFamily family, bool dualStack)
    {
        Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
        // Accepted sockets inherit it.
        socket.NoDelay = true;
        if (family == AddressFamily.InterNetworkV6) socket.DualMode = dualStack;
        return socket;
    }

    private static BoundListener BindUnix(ListenAddress address, string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            UnixSocketFile.RemoveStale(path);
            socket.Bind(address.EndPoint);
            socket.Listen(Backlog);
            return new BoundListener(address, socket, default);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new BindException($"cannot listen on {address}: {(e is SocketException s ? UnixSocketFile.Explain(s, path) : e.Message)}", e);
        }
    }

    private static string Explain(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use by another process (see: ss -ltnp)",
        SocketError.AddressNotAvailable => "this machine has no such address (see: ip address)",
        SocketError.AccessDenied => "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE",
        _ => e.Message,
    };
}
