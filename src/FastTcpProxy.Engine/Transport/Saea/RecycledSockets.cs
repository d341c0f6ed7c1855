using System.Net.Sockets;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// Upstream sockets whose connection has ended in order, kept to connect again. That saves what a new socket costs beside its connection:
/// the socket and its file in the kernel, its registration with epoll, and the runtime's objects for it, some of which have finalizers. A
/// socket waits until its peer has acknowledged our end of the stream. Only then can its connection be dissolved unnoticed. Belongs to one
/// loop and owns the sockets.
/// </summary>
internal sealed class RecycledSockets(int max)
{
    private readonly Queue<Socket> _inet = new();
    private readonly Queue<Socket> _inet6 = new();

    public int Count => _inet.Count + _inet6.Count;

    /// <summary>Takes a TCP socket both of whose directions have ended. With no room the one that has waited longest is closed.</summary>
    public void Add(Socket socket)
    {
        if (max == 0)
        {
            socket.Dispose();
            return;
        }
        if (Count == max) (_inet.Count >= _inet6.Count ? _inet : _inet6).Dequeue().Dispose();
        Of(socket.AddressFamily).Enqueue(socket);
    }

    /// <summary>A socket of the family that is ready to connect; null when there is none.</summary>
    public Socket? TryTake(AddressFamily family)
    {
        Queue<Socket> waiting = Of(family);
        if (!waiting.TryDequeue(out Socket? socket)) return null;
        int fd = (int)socket.SafeHandle.DangerousGetHandle();
        if (Native.UnacknowledgedBytes(fd) != 0)
        {
            // The next try takes another one: a peer that has vanished must not block the others.
            waiting.Enqueue(socket);
            return null;
        }
        if (Native.TryDisconnect(fd)) return socket;
        socket.Dispose();
        return null;
    }

    /// <summary>Closes them all.</summary>
    public void Clear()
    {
        while (_inet.TryDequeue(out Socket? socket)) socket.Dispose();
        while (_inet6.TryDequeue(out Socket? socket)) socket.Dispose();
    }

    private Queue<Socket> Of(AddressFamily family) => family == AddressFamily.InterNetwork ? _inet : _inet6;
}
