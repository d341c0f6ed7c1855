using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// Binds a listening address: one socket for each loop, among which the kernel spreads the clients (SO_REUSEPORT, socket(7)); one in all
/// for a UNIX socket. Runs at the start, on no loop.
/// </summary>
internal static class ListenSocketBinder
{
    /// <summary>Connections that the kernel keeps until they are accepted; net.core.somaxconn caps it.</summary>
    public const int Backlog = 16_384;

    /// <param name="address">Where.</param>
    /// <param name="loops">How many sockets a TCP address gets.</param>
    /// <param name="besideOwn">
    /// Whether sockets of this process that are about to be closed may be in the way (another address of the same port): then they are
    /// bound beside them, and a rival is not noticed.
    /// </param>
    /// <exception cref="BindException">The address cannot be had; the message says why.</exception>
    public static BoundListener[] Bind(ListenAddress address, int loops, bool besideOwn = false)
    {
        if (address.UnixPath is { } path) return [BindUnix(address, path)];
        List<Socket> sockets = [];
        try
        {
            IPEndPoint endPoint = (IPEndPoint)address.EndPoint;
            for (int i = 0; i < loops; i++)
            {
                Socket socket = NewSocket(endPoint.AddressFamily, address.IsDualStack);
                sockets.Add(socket);
                // The first socket asks for the address alone, so that another process which shares it is a conflict and not a rival.
                if (i > 0 || besideOwn) Native.SetReusePort(Fd(socket));
                socket.Bind(endPoint);
                // With a single loop too: a later change of addresses may have to bind beside it.
                if (i == 0 && !besideOwn) Native.SetReusePort(Fd(socket));
                // With port 0 the first bind chooses; the others follow it.
                endPoint = (IPEndPoint)socket.LocalEndPoint!;
            }
            foreach (Socket socket in sockets) socket.Listen(Backlog);
            return [.. sockets.Select(socket => new BoundListener(address, Detach(socket), InetEndPoint.FromIPEndPoint(endPoint)))];
        }
        catch (SocketException e)
        {
            foreach (Socket socket in sockets) socket.Dispose();
            throw new BindException($"cannot listen on {address}: {BindErrors.Explain(e)}", e);
        }
    }

    /// <summary>Takes a listening socket that another process has bound. It is owned by the result.</summary>
    public static BoundListener Wrap(ListenAddress address, int descriptor)
    {
        // Accepted sockets inherit it.
        if (address.UnixPath is null) Native.SetNoDelay(descriptor);
        return new BoundListener(address, descriptor, Native.GetLocalEndPoint(descriptor)) { IsInherited = true };
    }

    /// <summary>
    /// Binds again what failed for good. From the first moment the file of a UNIX socket admits the same users as before.
    /// </summary>
    /// <exception cref="BindException">It cannot be had now.</exception>
    public static BoundListener Rebind(BoundListener lost)
    {
        ListenAddress wanted = lost.Address switch
        {
            // Where the kernel chose the port, clients know that one.
            { EndPoint: IPEndPoint { Port: 0 } any } tcp =>
                new ListenAddress(new IPEndPoint(any.Address, lost.LocalEndPoint.Port), tcp.IsDualStack),
            { UnixPath: { } path } when lost.File is { } file => new ListenAddress(path, file.Permissions),
            ListenAddress same => same,
        };
        BoundListener bound = Bind(wanted, loops: 1, besideOwn: true)[0];
        try
        {
            lost.File?.Renew();
            return bound with { Address = lost.Address, File = lost.File };
        }
        catch
        {
            // Otherwise it would keep the address from the next try, and no loop would accept from it.
            bound.File?.TryRemove();
            NativeDescriptor.Close(bound.Descriptor);
            throw;
        }
    }

    private static int Fd(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    /// <summary>The descriptor without the framework's object, which would close it.</summary>
    private static int Detach(Socket socket)
    {
        int descriptor = Fd(socket);
        socket.SafeHandle.SetHandleAsInvalid();
        return descriptor;
    }

    private static Socket NewSocket(AddressFamily family, bool dualStack)
    {
        Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Accepted sockets inherit it.
            socket.NoDelay = true;
            if (family == AddressFamily.InterNetworkV6) socket.DualMode = dualStack;
            return socket;
        }
        catch (SocketException)
        {
            // No other code knows of it yet.
            socket.Dispose();
            throw;
        }
    }

    private static BoundListener BindUnix(ListenAddress address, string path)
    {
        Socket? socket = null;
        OwnedSocketFile? file = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            UnixSocketFile.RemoveStale(path);
            OwnedSocketFile.Prepare(Fd(socket), address.Permissions);
            // By the plain call, so that the file is not the runtime's to remove: it may outlive this process (see ListenerSet.Release).
            SocketError error = NativeListener.BindUnix(Fd(socket), address.EndPoint.Serialize());
            if (error != SocketError.Success) throw new SocketException((int)error);
            file = new OwnedSocketFile(path);
            // Before it listens, so that no user connects who should not.
            file.Apply(address.Permissions);
            error = NativeListener.Listen(Fd(socket), Backlog);
            if (error != SocketError.Success) throw new SocketException((int)error);
            return new BoundListener(address, Detach(socket), default) { File = file };
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or BindException)
        {
            file?.TryRemove();
            // One that was bound, but could not be identified, is known by this: no process serves it any more.
            socket?.Dispose();
            if (file is not null) TryRemoveStale(path);
            throw new BindException(
                $"cannot listen on {address}: {(e is SocketException s ? UnixSocketFile.Explain(s, path) : e.Message)}", e);
        }
    }

    private static void TryRemoveStale(string path)
    {
        try
        {
            UnixSocketFile.RemoveStale(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next bind tries it too, and says why it cannot.
        }
    }
}
