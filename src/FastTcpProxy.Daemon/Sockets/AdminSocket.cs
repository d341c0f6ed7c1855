using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>
/// The listening UNIX socket of the administrative interface, and its file. Only the owner and the group may connect, at every moment: the
/// mode is set on the socket before it has a name, and the name gets it from there. The file is removed with its socket, unless another
/// file has taken its place. Made and disposed by one task.
/// </summary>
internal sealed class AdminSocket : IDisposable
{
    /// <summary>To connect is to write (unix(7)).</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>What it has open: the socket, and the blank one.</summary>
    public const int DescriptorsHeld = 2;

    /// <summary>Clients that the kernel keeps until they are accepted: as many as are served at once.</summary>
    private const int Backlog = AdminLimits.ConnectionsMax;

    /// <summary>Who may connect where the configuration does not say it.</summary>
    public static readonly SocketPermissions DefaultPermissions = new(Mode, null);

    private readonly OwnedSocketFile _file;

    // Had from the start, so that leaving the socket needs no descriptor at a time when none may be left.
    private readonly Socket _blank;
    private bool _disposed;

    private AdminSocket(Socket socket, Socket blank, string path, OwnedSocketFile file, bool isAdopted)
    {
        Socket = socket;
        _blank = blank;
        Path = path;
        IsAdopted = isAdopted;
        _file = file;
    }

    public Socket Socket { get; }

    public string Path { get; }

    /// <summary>Whether clients find it: its file is where it was bound.</summary>
    public bool HasFile => _file.IsInPlace;

    /// <summary>Who may connect.</summary>
    public SocketPermissions Permissions => _file.Permissions;

    /// <summary>Whether another process has bound it.</summary>
    public bool IsAdopted { get; }

    /// <summary>
    /// Takes the path, and that of a dead process too. Clients can connect when it returns, and wait until they are accepted.
    /// </summary>
    /// <param name="path">Absolute, at most 107 bytes.</param>
    /// <param name="permissions">Who may connect; null: <see cref="DefaultPermissions"/>.</param>
    /// <param name="what">What it is for, as errors name it.</param>
    /// <exception cref="BindException">The path cannot be had; the message says why, and what to do.</exception>
    public static AdminSocket Bind(string path, SocketPermissions? permissions = null, string what = "admin.socket")
    {
        permissions ??= DefaultPermissions;
        Socket? socket = null, blank = null;
        OwnedSocketFile? file = null;
        try
        {
            (socket, blank) = (New(), New());
            UnixSocketFile.RemoveStale(path);
            OwnedSocketFile.Prepare((int)socket.Handle, permissions);
            socket.Bind(new PathEndPoint(path));
            file = new OwnedSocketFile(path);
            // The file has the mode less what the process's umask takes away; the group must get its part back.
            file.Apply(permissions);
            socket.Listen(Backlog);
            return new AdminSocket(socket, blank, path, file, isAdopted: false);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or BindException)
        {
            file?.TryRemove();
            socket?.Dispose();
            blank?.Dispose();
            throw new BindException($"{what} {path}: {(e is SocketException s ? UnixSocketFile.Explain(s, path) : e.Message)}", e);
        }
    }

    /// <summary>Takes a socket that a process before this one bound and listens with. The file is this socket's from now on.</summary>
    /// <param name="descriptor">Inherited. It is owned from here, and closed when it is no such socket.</param>
    /// <param name="path">Where its file is.</param>
    /// <param name="file">Which file that is; null: the one that is there now.</param>
    /// <exception cref="BindException">It is not a listening UNIX socket.</exception>
    public static AdminSocket Adopt(int descriptor, string path, FileIdentity? file = null)
    {
        Socket? socket = null;
        try
        {
            NativeDescriptor.SetCloseOnExec(descriptor);
            socket = new(new SafeSocketHandle(descriptor, ownsHandle: true));
            if (socket is { AddressFamily: AddressFamily.Unix, SocketType: SocketType.Stream } && SocketDescriptor.IsListening(socket))
                return new AdminSocket(socket, New(), path, new OwnedSocketFile(path, file), isAdopted: true);
            socket.Dispose();
            throw new BindException(
                $"admin.socket {path}: the descriptor {descriptor} that was handed over is not a listening UNIX socket");
        }
        catch (SocketException e)
        {
            // The process that it came from continues with it.
            if (socket is not null) SharedListener.LeaveUnused(socket);
            throw new BindException(
                $"admin.socket {path}: the descriptor {descriptor} that was handed over cannot be used: {e.Message}", e);
        }
    }

    /// <summary>What the configuration says of its socket.</summary>
    public static SocketPermissions PermissionsOf(AdminConfiguration configuration) =>
        configuration.SocketPermissions with { Mode = configuration.SocketPermissions.Mode ?? Mode };

    /// <summary>What the next process needs to continue with it.</summary>
    public ListenerDescriptors Descriptors => new(AddressOf(Path), [(int)Socket.SafeHandle.DangerousGetHandle()]) { File = _file.Identity };

    /// <summary>A path as an address.</summary>
    public static string AddressOf(string path) => "unix:" + path;

    /// <summary>Sets who may connect, on a socket that was taken.</summary>
    /// <exception cref="BindException">It cannot be done; the message says why, and what to do.</exception>
    public void Open(SocketPermissions permissions)
    {
        try
        {
            _file.Apply(permissions);
        }
        catch (BindException e)
        {
            throw new BindException($"admin.socket {Path}: {e.Message}", e);
        }
    }

    /// <summary>Closes the socket and leaves it, its queue and its file to the process that continues with it.</summary>
    public void Leave()
    {
        if (_disposed) return;
        _disposed = true;
        SharedListener.Leave(Socket, _blank);
    }

    /// <summary>Removes the file, if it is still this socket's, and closes the socket.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        // Before the socket closes: afterwards another process may take the file for a dead one's and put its own there.
        _file.TryRemove();
        Socket.Dispose();
        _blank.Dispose();
    }

    private static Socket New() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>
    /// A path as an address. With the framework's own type a socket removes the file when it closes, whosever it is by then.
    /// </summary>
    private sealed class PathEndPoint(string path) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override SocketAddress Serialize() => new UnixDomainSocketEndPoint(path).Serialize();

        public override EndPoint Create(SocketAddress socketAddress) => this;

        public override string ToString() => path;
    }
}
