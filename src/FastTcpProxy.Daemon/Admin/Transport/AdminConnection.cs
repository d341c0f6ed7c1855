using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Admin.Requests;
using Microsoft.AspNetCore.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// A connection as Kestrel wants it: a pipe for each direction, filled and emptied by two tasks on the thread pool. It owns the socket and ends with
/// both tasks. Kestrel calls it from the pool.
/// </summary>
internal sealed class AdminConnection : DefaultConnectionContext
{
    /// <summary>What is read ahead of the server, and what it may write ahead of the client: above the longest request line and headers.</summary>
    private const int PipeBytes = 64 * 1024;

    private static readonly PipeOptions PipeSettings = new(
        MemoryPool<byte>.Shared, PipeScheduler.ThreadPool, PipeScheduler.ThreadPool, PipeBytes, PipeBytes / 2, useSynchronizationContext: false);

    private readonly Socket _socket;
    private readonly Pipe _input = new(PipeSettings);
    private readonly Pipe _output = new(PipeSettings);
    private readonly PoolOperation _receive = new();
    private readonly PoolOperation _send = new();
    private readonly CancellationTokenSource _ended = new();
    private Task _tasks = Task.CompletedTask;
    private int _closed;

    public AdminConnection(string id, Socket socket, Caller caller)
        : base(id)
    {
        _socket = socket;
        // Requests find it among their own features.
        Features.Set(caller);
        ConnectionClosed = _ended.Token;
        Transport = new Ends(_input.Reader, _output.Writer);
        Application = new Ends(_output.Reader, _input.Writer);
    }

    public void Start() => _tasks = Task.WhenAll(ReceiveAsync(), SendAsync());

    /// <summary>Ends the connection now, whatever is still to be sent.</summary>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Close();
        _output.Reader.CancelPendingRead();
    }

    /// <summary>Sends what is written, ends the connection, and waits until nothing of it is left.</summary>
    public override async ValueTask DisposeAsync()
    {
        await Transport!.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _tasks;
        _receive.Dispose();
        _send.Dispose();
        _ended.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        PipeWriter writer = _input.Writer;
        while (true)
        {
            int received = await _receive.ReceiveAsync(_socket, writer.GetMemory());
            // A reset is an end like any other: what it cuts off is incomplete, and nobody is left to hear of it.
            if (received is 0 or PoolOperation.Failed) break;
            writer.Advance(received);
            FlushResult flush = await writer.FlushAsync();
            if (flush.IsCompleted || flush.IsCanceled) break;
        }
        await writer.CompleteAsync();
        // Kestrel may do anything in the callbacks: they run elsewhere, and have run before the source is disposed.
        await _ended.CancelAsync();
    }

    private async Task SendAsync()
    {
        PipeReader reader = _output.Reader;
        while (true)
        {
            ReadResult read = await reader.ReadAsync();
            if (read.IsCanceled) break;
            bool sent = await SendAsync(read.Buffer);
            reader.AdvanceTo(read.Buffer.End);
            if (!sent || read.IsCompleted) break;
        }
        Close();
        await reader.CompleteAsync();
        // The other task may wait until somebody reads what it has received.
        _input.Writer.CancelPendingFlush();
    }

    private async Task<bool> SendAsync(ReadOnlySequence<byte> buffer)
    {
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            ReadOnlyMemory<byte> rest = segment;
            while (!rest.IsEmpty)
            {
                int sent = await _send.SendAsync(_socket, rest);
                if (sent is 0 or PoolOperation.Failed) return false;
                rest = rest[sent..];
            }
        }
        return true;
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client has gone.
        }
        _socket.Dispose();
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
