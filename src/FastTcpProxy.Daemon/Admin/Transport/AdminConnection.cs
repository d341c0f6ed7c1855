using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// A connection in the form that Kestrel needs: a pipe for each direction, filled and emptied by two tasks on the thread pool. What waits
/// for something to send continues where that is written. With TLS the tasks begin after the handshake, which runs on the pool too. It owns
/// the socket and ends with both tasks. Kestrel calls it from the pool.
/// </summary>
internal sealed class AdminConnection : DefaultConnectionContext
{
    /// <summary>
    /// What is read ahead of the server, and what it may write ahead of the client: above the longest request line and headers.
    /// </summary>
    private const int PipeBytes = 64 * 1024;

    // What is written is sent by the thread that wrote it: a page of metrics would go from one to another a hundred times.
    private static readonly PipeOptions InputSettings = Settings(PipeScheduler.ThreadPool),
        OutputSettings = Settings(PipeScheduler.Inline, AdminLimits.SendBytes);

    private readonly Socket _socket;
    private readonly IByteChannel _channel;
    private readonly ConnectionSlots _slots;
    private readonly ConnectionPlace _place;
    private readonly Pipe _input = new(InputSettings);
    private readonly Pipe _output = new(OutputSettings);
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _closing = new();
    private Task _tasks = Task.CompletedTask;

    /// <param name="socket">Accepted. It owns it.</param>
    /// <param name="entry">Where.</param>
    /// <param name="place">It gives it back.</param>
    public AdminConnection(string id, Socket socket, AdminEntry entry, Caller caller, ConnectionPlace place)
        : base(id)
    {
        _socket = socket;
        _slots = entry.Slots;
        _place = place;
        place.Occupy(Close);
        _channel = entry.Tls is { } tls ? new TlsChannel(socket, tls, entry.HandshakeTime, Close) : new PlainChannel(socket);
        // Requests find them among their own features.
        Features.Set(caller);
        Features.Set(entry.Access);
        Features.Set(place);
        ConnectionClosed = _ended.Token;
        Transport = new Ends(_input.Reader, _output.Writer);
        Application = new Ends(_output.Reader, _input.Writer);
    }

    public void Start() => _tasks = RunAsync();

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
        // Not while an operation or another thread's call is under way: the runtime would reset the connection, and with it the answer.
        lock (_closing) _socket.Dispose();
        _channel.Dispose();
        _ended.Dispose();
        _slots.Release(_place);
        await base.DisposeAsync();
    }

    private async Task RunAsync()
    {
        bool isOpen = await _channel.OpenAsync();
        await Task.WhenAll(ReceiveAsync(isOpen), SendAsync(isOpen));
    }

    private async Task ReceiveAsync(bool isOpen)
    {
        PipeWriter writer = _input.Writer;
        while (isOpen)
        {
            int received = await _channel.ReceiveAsync(writer.GetMemory());
            // A reset is an end like any other: what it cuts off is incomplete, and no client is left to be told.
            if (received is 0 or SocketOperation.Failed) break;
            writer.Advance(received);
            FlushResult flush = await writer.FlushAsync();
            if (flush.IsCompleted || flush.IsCanceled) break;
        }
        await writer.CompleteAsync();
        // Kestrel may do anything in the callbacks: they run elsewhere, and have run before the source is disposed.
        await _ended.CancelAsync();
    }

    private async Task SendAsync(bool isOpen)
    {
        PipeReader reader = _output.Reader;
        while (isOpen)
        {
            ReadResult read = await reader.ReadAsync();
            if (read.IsCanceled) break;
            bool sent = await SendAsync(read.Buffer);
            reader.AdvanceTo(read.Buffer.End);
            if (sent && read.IsCompleted) await _channel.EndAsync();
            if (!sent || read.IsCompleted) break;
        }
        Close();
        await reader.CompleteAsync();
        // The other task may wait until its received bytes are read.
        _input.Writer.CancelPendingFlush();
    }

    private async Task<bool> SendAsync(ReadOnlySequence<byte> buffer)
    {
        foreach (ReadOnlyMemory<byte> segment in buffer)
        {
            _place.SetSending(true);
            if (!await _channel.SendAsync(segment)) return false;
            _place.SetSending(false);
        }
        return true;
    }

    /// <summary>Ends what waits on the socket, which is disposed after it. Any thread.</summary>
    private void Close()
    {
        lock (_closing)
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The client has gone, or the connection has ended here too.
            }
        }
    }

    /// <param name="reader">Where what reads continues when it waited for something to read.</param>
    /// <param name="segmentBytes">What is rented at once; -1: the runtime's own choice.</param>
    private static PipeOptions Settings(PipeScheduler reader, int segmentBytes = -1) => new(MemoryPool<byte>.Shared, reader,
        PipeScheduler.ThreadPool, PipeBytes, PipeBytes / 2, segmentBytes, useSynchronizationContext: false);

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
