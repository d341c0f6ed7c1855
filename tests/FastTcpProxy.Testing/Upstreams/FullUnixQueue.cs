using System.Net.Sockets;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// A UNIX socket that listens with a full queue: a connect says EAGAIN until a place is free. One task; it owns the listener, the
/// connections that fill the queue, and the folder of the path.
/// </summary>
public sealed class FullUnixQueue : IDisposable
{
    private const int QueueMax = 64;

    private readonly TempFolder _folder = new("queue");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> _waiting = [];

    public FullUnixQueue()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(1);
        while (TryConnect())
        {
            if (_waiting.Count > QueueMax) throw new InvalidOperationException("the queue does not fill");
        }
    }

    public string Path => _folder["queue"];

    /// <summary>Takes out those that fill it, so that the next connects find room.</summary>
    public void Drain()
    {
        foreach (Socket waiting in _waiting)
        {
            _listener.Accept().Dispose();
            waiting.Dispose();
        }
        _waiting.Clear();
    }

    /// <summary>Takes out the next one, waiting for it.</summary>
    public async Task<Socket> AcceptAsync()
    {
        using CancellationTokenSource end = new(Deadline.Patient);
        return await _listener.AcceptAsync(end.Token);
    }

    public void Dispose()
    {
        foreach (Socket waiting in _waiting) waiting.Dispose();
        _listener.Dispose();
        _folder.Dispose();
    }

    private bool TryConnect()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(Path));
            _waiting.Add(socket);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            socket.Dispose();
            return false;
        }
    }
}
