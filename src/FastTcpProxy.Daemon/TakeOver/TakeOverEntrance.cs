using System.Net.Sockets;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// The entrance for the next process: a UNIX socket at a path, and one descriptor in reserve, so that a client gets an answer when no other
/// descriptor is left. One thread at a time; it owns both.
/// </summary>
internal sealed class TakeOverEntrance : IDisposable
{
    /// <summary>The process that gets the listeners gets the clients: this user only.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>What it has open: the socket, and the descriptor in reserve.</summary>
    public const int DescriptorsHeld = AdminSocket.DescriptorsHeld + 1;

    private readonly string _path;
    private readonly int _stop;

    // Null when the path is to be taken again.
    private AdminSocket? _socket;

    // Negative when it was given up.
    private int _spare = -1;

    /// <param name="path">It is taken, and that of a dead process too.</param>
    /// <param name="stop">Ends every wait of a client when it is readable.</param>
    /// <exception cref="BindException">The path cannot be had; the message says why, and what to do.</exception>
    public TakeOverEntrance(string path, int stop)
    {
        _path = path;
        _stop = stop;
        Open();
    }

    /// <summary>Readable when a client waits.</summary>
    public int Descriptor => (int)_socket!.Socket.Handle;

    /// <summary>Takes the path, and the spare descriptor, where they were given up.</summary>
    /// <exception cref="BindException">The path cannot be used.</exception>
    public void Open()
    {
        _socket ??= Bind(_path);
        if (_spare < 0) _spare = NativeDescriptor.Duplicate(_stop);
    }

    /// <summary>The next client.</summary>
    /// <param name="isLast">Whether the spare descriptor was given up for it: it can be told so, and no more.</param>
    /// <exception cref="TakeOverException">Another has taken that one too.</exception>
    /// <exception cref="SocketException">The client has gone, or memory is short.</exception>
    public DescriptorChannel Accept(out bool isLast)
    {
        isLast = false;
        try
        {
            return new DescriptorChannel(_socket!.Socket.Accept(), _stop);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets && _spare >= 0)
        {
            isLast = true;
            return AcceptLast();
        }
    }

    private DescriptorChannel AcceptLast()
    {
        GiveUpSpare();
        try
        {
            return new DescriptorChannel(_socket!.Socket.Accept(), _stop);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets)
        {
            throw TakeOverException.NoDescriptor();
        }
    }

    /// <summary>Leaves the path to the next process.</summary>
    public void Leave()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public void Dispose()
    {
        Leave();
        GiveUpSpare();
    }

    private static AdminSocket Bind(string path)
    {
        AdminSocket socket = AdminSocket.Bind(path, new SocketPermissions(Mode, null), "take-over");
        // An accept after the wait must never wait itself.
        socket.Socket.Blocking = false;
        return socket;
    }

    private void GiveUpSpare()
    {
        if (_spare >= 0) NativeDescriptor.Close(_spare);
        _spare = -1;
    }
}
