using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// The base of the upstreams that accept: a listener on a free port that serves each connection in a task of its own.
/// Any thread; it owns the listener and the accepted sockets, and dispose closes them all and waits for their tasks.
/// </summary>
public abstract class TcpUpstream : IAsyncDisposable
{
    private const int Backlog = 4096;

    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _connections = new();
    private readonly Task _accepting;
    private bool _isDisposed;
    private int _accepted;

    /// <param name="address">Where to listen; a free port of 127.0.0.1 when null, and a port of zero is a free one.</param>
    protected TcpUpstream(IPEndPoint? address)
    {
        address ??= new IPEndPoint(IPAddress.Loopback, 0);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(address);
        _listener.Listen(Backlog);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The connections accepted so far.</summary>
    public int AcceptedCount => Volatile.Read(ref _accepted);

    /// <summary>The connections that are open now.</summary>
    public int OpenCount => _connections.Count;

    /// <summary>Ends it, so that connects are refused. A second time it does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Serves one connection. The socket is closed after it returns; an end by <paramref name="stop"/> or a socket error is no failure.
    /// </summary>
    protected abstract Task ServeAsync(Socket connection, CancellationToken stop);

    /// <summary>Sends back all that comes, and ends its direction when the peer has ended the other.</summary>
    protected static async Task EchoAsync(Socket connection, ReadOnlyMemory<byte> first, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var buffer = new byte[64 * 1024];
        var pending = first;
        while (true)
        {
            while (pending.Length > 0)
                pending = pending[await connection.SendAsync(pending, stop)..];
            var count = await connection.ReceiveAsync(buffer, stop);
            if (count == 0)
                break;
            pending = buffer.AsMemory(0, count);
        }
        connection.Shutdown(SocketShutdown.Send);
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                connection = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                if (_stop.IsCancellationRequested)
                    return;
                // One connection that was reset in the queue must not end the upstream.
                continue;
            }
            Interlocked.Increment(ref _accepted);
            connection.NoDelay = true;
            var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // In the table before it is served, or a quick end would remove it before it was added.
            _connections[connection] = ServeThenCloseAsync(connection, begin.Task);
            begin.SetResult();
        }
    }

    private async Task ServeThenCloseAsync(Socket connection, Task begin)
    {
        await begin;
        try
        {
            await ServeAsync(connection, _stop.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side reset the connection, or the test is over.
        }
        finally
        {
            connection.Dispose();
            _connections.TryRemove(connection, out _);
        }
    }
}
