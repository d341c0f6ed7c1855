using System.Net;
using System.Net.Sockets;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// Binds a listening address: one socket for each loop, among which the kernel spreads the clients (SO_REUSEPORT, socket(7)); one in all for a
/// UNIX socket. Runs at the start, on no loop.
/// </summary>
internal static class ListenSocketBinder
{
    /// <summary>Connections that the kernel keeps until they are accepted; net.core.somaxconn caps it.</summary>
    public const int Backlog = 16_384;

    /// <param name="address">Where.</param>
    /// <param name="loops">How many sockets a TCP address gets.</param>
    /// <param name="besideOwn">
    /// Whether sockets of this process that are about to be closed may be in the way (another address of the same port): then they are bound beside
    /// them, and a rival is not noticed.
    /// </param>
    /// <exception cref="BindException">The address cannot be had; the message says why.</exception>
    public static BoundListener[] Bind(ListenAddress address, int loops, bool besideOwn = false)
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
                if (i > 0 || besideOwn) Native.SetReusePort(Fd(socket));
                socket.Bind(endPoint);
                // With a single loop too: a later change of addresses may have to bind beside it.
                if (i == 0 && !besideOwn) Native.SetReusePort(Fd(socket));
                // With port 0 the first bind chooses; the others follow it.
                endPoint = (IPEndPoint)socket.LocalEndPoint!;
                bound[i] = bound[i] with { LocalEndPoint = InetEndPoint.FromIPEndPoint(endPoint), Descriptor = Fd(socket) };
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

    /// <summary>Takes a listening socket that another process has bound. It is owned by the result, also when this throws.</summary>
    /// <exception cref="BindException">The runtime cannot use it.</exception>
    public static BoundListener Wrap(ListenAddress address, int descriptor)
    {
        SafeSocketHandle handle = new(descriptor, ownsHandle: true);
        try
        {
            Socket socket = new(handle);
            // The runtime says nothing when it could not ask for the name, and accepts nothing then.
            if (socket.LocalEndPoint is null) throw new ArgumentException("its address cannot be asked for");
            if (address.UnixPath is null) Native.SetNoDelay(descriptor);
            InetEndPoint local = socket.LocalEndPoint is IPEndPoint ip ? InetEndPoint.FromIPEndPoint(ip) : default;
            return new BoundListener(address, socket, local) { Descriptor = descriptor };
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // By the plain call: the runtime's would turn on a reset at close for whoever else holds the socket.
            handle.SetHandleAsInvalid();
            NativeListener.Close(descriptor);
            throw new BindException($"cannot listen on {address}: the socket that was passed for it (descriptor {descriptor}) cannot be used: {e.Message}", e);
        }
    }

    private static int Fd(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

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
            // Nobody else knows of it yet.
            socket.Dispose();
            throw;
        }
    }

    private static BoundListener BindUnix(ListenAddress address, string path)
    {
        // Through a descriptor of its own, so that the file is not the runtime's to remove: it may outlive this process (see ListenerSet.Release).
        Socket? maker = null;
        OwnedSocketFile? file = null;
        try
        {
            maker = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            UnixSocketFile.RemoveStale(path);
            OwnedSocketFile.Prepare(Fd(maker), address.Permissions);
            SocketError error = NativeListener.BindUnix(Fd(maker), address.EndPoint.Serialize());
            if (error != SocketError.Success) throw new SocketException((int)error);
            file = new OwnedSocketFile(path);
            // Before it listens: nobody can connect who should not.
            file.Apply(address.Permissions);
            error = NativeListener.Listen(Fd(maker), Backlog);
            if (error != SocketError.Success) throw new SocketException((int)error);
            return Wrap(address, NativeListener.Duplicate(Fd(maker))) with { File = file };
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or BindException)
        {
            file?.TryRemove();
            // One that was bound, but could not be identified, is known by this: nobody serves it any more.
            maker?.Dispose();
            if (file is not null) TryRemoveStale(path);
            throw new BindException($"cannot listen on {address}: {(e is SocketException s ? UnixSocketFile.Explain(s, path) : e.Message)}", e);
        }
        finally
        {
            maker?.Dispose();
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

    /// <summary>Why a bind to a TCP address failed, and what to do.</summary>
    public static string Explain(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "the address is in use by another process (see: ss -ltnp)",
        SocketError.AddressNotAvailable => "this machine has no such address (see: ip address)",
        SocketError.AccessDenied => "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE",
        _ => e.Message,
    };
}
