using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace FastTcpProxy.Control.Connections;

/// <summary>
/// One socket operation after the other, each awaited on the thread pool. The runtime completes operations on its epoll threads in this
/// process (<see cref="Engine.SocketRuntime"/>), which carry the engine's traffic: there only the result is noted and the continuation
/// queued. Nothing is thrown, because errors are values. One task uses it, for one operation at a time, again and again, so that an
/// operation allocates nothing.
/// </summary>
public sealed class SocketOperation() : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true), IValueTaskSource<int>
{
    /// <summary>The result of an operation that failed; <see cref="SocketAsyncEventArgs.SocketError"/> tells why.</summary>
    public const int Failed = -1;

    private volatile bool _isPending;
    private ManualResetValueTaskSourceCore<int> _completion = new() { RunContinuationsAsynchronously = true };

    /// <summary>Connects; 0 when it is done, or <see cref="Failed"/>.</summary>
    public ValueTask<int> ConnectAsync(Socket socket, EndPoint target)
    {
        // A buffer that was left here would be sent with the connect.
        SetBuffer(default);
        RemoteEndPoint = target;
        return Start(socket, static (socket, operation) => socket.ConnectAsync(operation));
    }

    /// <summary>The number of bytes received, 0 at the end, or <see cref="Failed"/>.</summary>
    public ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        SetBuffer(buffer);
        return Start(socket, static (socket, operation) => socket.ReceiveAsync(operation));
    }

    /// <summary>The number of bytes sent, which on a blocked socket is known when it has taken them all, or <see cref="Failed"/>.</summary>
    public ValueTask<int> SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        // The memory is only read from: there is no other way to hand it over.
        SetBuffer(System.Runtime.InteropServices.MemoryMarshal.AsMemory(bytes));
        return Start(socket, static (socket, operation) => socket.SendAsync(operation));
    }

    /// <summary>0, and the connection is <see cref="SocketAsyncEventArgs.AcceptSocket"/>; or <see cref="Failed"/>.</summary>
    public ValueTask<int> AcceptAsync(Socket socket)
    {
        AcceptSocket = null;
        return Start(socket, static (socket, operation) => socket.AcceptAsync(operation));
    }

    /// <summary>Lets go of the buffer and the address, which belong to a connection that is over.</summary>
    public void Release()
    {
        // What a closed socket has not yet given back is released with the next operation.
        if (_isPending) return;
        SetBuffer(default);
        RemoteEndPoint = null;
    }

    int IValueTaskSource<int>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token,
        ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        _isPending = false;
        _completion.SetResult(Result);
    }

    private int Result => SocketError == SocketError.Success ? BytesTransferred : Failed;

    private ValueTask<int> Start(Socket socket, Func<Socket, SocketOperation, bool> start)
    {
        _completion.Reset();
        _isPending = true;
        try
        {
            if (start(socket, this)) return new ValueTask<int>(this, _completion.Version);
            _isPending = false;
        }
        catch (ObjectDisposedException)
        {
            _isPending = false;
            // The time ran out between two operations.
            SocketError = SocketError.OperationAborted;
            return new ValueTask<int>(Failed);
        }
        catch (Exception e) when (e is OutOfMemoryException or SocketException)
        {
            _isPending = false;
            // The runtime throws where the kernel has no more room to watch a socket (epoll_ctl(2), ENOSPC, ENOMEM).
            SocketError = SocketError.NoBufferSpaceAvailable;
            return new ValueTask<int>(Failed);
        }
        return new ValueTask<int>(Result);
    }
}
