using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>
/// One socket operation after the other, each awaited on the thread pool. The runtime completes operations on the engine's threads in this process
/// (<see cref="Engine.SocketRuntime"/>); there only the result is noted and the continuation queued, and nothing is thrown: errors are values.
/// One task uses it, for one operation at a time.
/// </summary>
internal sealed class PoolOperation() : SocketAsyncEventArgs(true), IValueTaskSource<int>
{
    /// <summary>The result of an operation that failed, or whose socket is closed; <see cref="SocketAsyncEventArgs.SocketError"/> says why.</summary>
    public const int Failed = -1;

    private ManualResetValueTaskSourceCore<int> _source = new() { RunContinuationsAsynchronously = true };

    /// <summary>Bytes received; 0 at the end; <see cref="Failed"/>.</summary>
    public ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        SetBuffer(buffer);
        return Submit(socket, static (s, o) => s.ReceiveAsync(o));
    }

    /// <summary>Bytes sent, or <see cref="Failed"/>.</summary>
    public ValueTask<int> SendAsync(Socket socket, ReadOnlyMemory<byte> buffer)
    {
        // A send does not write to it.
        SetBuffer(MemoryMarshal.AsMemory(buffer));
        return Submit(socket, static (s, o) => s.SendAsync(o));
    }

    /// <summary>0, and the connection is <see cref="SocketAsyncEventArgs.AcceptSocket"/>; or <see cref="Failed"/>.</summary>
    public ValueTask<int> AcceptAsync(Socket socket)
    {
        AcceptSocket = null;
        return Submit(socket, static (s, o) => s.AcceptAsync(o));
    }

    public int GetResult(short token) => _source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e) => _source.SetResult(Result);

    private int Result => SocketError == SocketError.Success ? BytesTransferred : Failed;

    private ValueTask<int> Submit(Socket socket, Func<Socket, PoolOperation, bool> submit)
    {
        _source.Reset();
        try
        {
            return submit(socket, this) ? new ValueTask<int>(this, _source.Version) : ValueTask.FromResult(Result);
        }
        catch (ObjectDisposedException)
        {
            SocketError = SocketError.OperationAborted;
            return ValueTask.FromResult(Failed);
        }
    }
}
