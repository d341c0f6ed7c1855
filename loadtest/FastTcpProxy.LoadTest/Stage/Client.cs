using System.Net;
using System.Net.Sockets;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// A connection of a client: connects, asks, learns who answers, does its work, ends in order. One task; it owns its socket. It has the
/// client's patience; what happens on the network is a fate.
/// </summary>
internal sealed class Client : IDisposable
{
    /// <summary>How long a client stays, unless it is told otherwise: more than any time that a proxy is told to wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What a short connection sends and gets back.</summary>
    private const int MessageBytes = 128;

    private static readonly byte[] Message = [.. Enumerable.Range(0, MessageBytes).Select(i => (byte)('a' + i % 23))];

    /// <summary>Null before it connects.</summary>
    private Socket? _socket;
    private readonly byte[] _buffer;
    private readonly CancellationTokenSource _limit;
    private readonly int _receiveBufferBytes;

    /// <param name="bufferBytes">What it receives at a time.</param>
    /// <param name="receiveBufferBytes">How little it lets the kernel take ahead of it; 0: as much as the kernel likes.</param>
    /// <param name="patience">From now to its end.</param>
    public Client(CancellationToken stop, int bufferBytes = MessageBytes + Request.Bytes, int receiveBufferBytes = 0,
        TimeSpan? patience = null)
    {
        _limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _limit.CancelAfter(patience ?? Patience);
        _receiveBufferBytes = receiveBufferBytes;
        _buffer = new byte[bufferBytes];
    }

    /// <summary>A short connection from its beginning to its end: it asks and sends at once, as most clients do.</summary>
    /// <param name="first">The upstream that is to answer; by another one it has failed over.</param>
    public static async Task<StepResult> ExchangeAsync(IPEndPoint proxy, CancellationToken stop, char first = 'a')
    {
        using Client client = new(stop);
        (Fate fate, char by) = await client.AskAsync(proxy, Request.Echo, withMessage: true);
        if (fate == Fate.Served) fate = await client.EndAsync();
        if (fate == Fate.Served && by != first) fate = Fate.FailedOver;
        return new StepResult(fate, 2 * MessageBytes);
    }

    /// <summary>Connects, says what it wants, and waits for the name of the upstream that answers.</summary>
    /// <param name="withMessage">Sends a message with it, and reads it back.</param>
    public async Task<(Fate Fate, char By)> AskAsync(IPEndPoint proxy, byte command, long length = 0, bool withMessage = false)
    {
        Fate fate = await StepAsync(Fate.Refused, async stop =>
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            if (_receiveBufferBytes > 0) _socket.ReceiveBufferSize = _receiveBufferBytes;
            await _socket.ConnectAsync(proxy, stop);
            return Fate.Served;
        });
        if (fate != Fate.Served) return (fate, '\0');
        char by = '\0';
        fate = await StepAsync(Fate.Reset, async stop =>
        {
            Request.Write(_buffer, command, length);
            int message = withMessage ? MessageBytes : 0;
            Message.AsSpan(0, message).CopyTo(_buffer.AsSpan(Request.Bytes));
            await _socket!.SendAsync(_buffer.AsMemory(0, Request.Bytes + message), stop);
            for (int got = 0; got < 1 + message;)
            {
                int count = await _socket.ReceiveAsync(_buffer.AsMemory(got, 1 + message - got), stop);
                if (count == 0) return Fate.Reset;
                got += count;
            }
            by = (char)_buffer[0];
            return _buffer.AsSpan(1, message).SequenceEqual(Message.AsSpan(0, message)) ? Fate.Served : Fate.Wrong;
        });
        return (fate, by);
    }

    /// <summary>Sends a message, and reads the same back.</summary>
    public Task<Fate> EchoAsync() => StepAsync(Fate.Reset, async stop =>
    {
        await _socket!.SendAsync(Message, stop);
        for (int got = 0; got < MessageBytes;)
        {
            int count = await _socket!.ReceiveAsync(_buffer.AsMemory(got, MessageBytes - got), stop);
            if (count == 0) return Fate.Reset;
            got += count;
        }
        return _buffer.AsSpan(0, MessageBytes).SequenceEqual(Message) ? Fate.Served : Fate.Wrong;
    });

    /// <summary>Reads some bytes, with a pause after each piece.</summary>
    public async Task<Fate> ReceiveAsync(long length, TimeSpan pause)
    {
        Fate fate = Fate.Served;
        for (long got = 0; got < length && fate == Fate.Served;)
        {
            fate = await StepAsync(Fate.Reset, async stop =>
            {
                int count = await _socket!.ReceiveAsync(_buffer, stop);
                got += count;
                if (count > 0 && pause > TimeSpan.Zero) await Task.Delay(pause, stop);
                return count == 0 ? Fate.Reset : Fate.Served;
            });
        }
        return fate;
    }

    /// <summary>Ends in order: our end, then the other's.</summary>
    public Task<Fate> EndAsync() => StepAsync(Fate.Reset, async stop =>
    {
        _socket!.Shutdown(SocketShutdown.Send);
        return await _socket!.ReceiveAsync(_buffer, stop) == 0 ? Fate.Served : Fate.Wrong;
    });

    public void Dispose()
    {
        _socket?.Dispose();
        _limit.Dispose();
    }

    private async Task<Fate> StepAsync(Fate onError, Func<CancellationToken, Task<Fate>> step)
    {
        try
        {
            return await step(_limit.Token);
        }
        catch (OperationCanceledException)
        {
            return Fate.Hung;
        }
        catch (SocketException e)
        {
            // No descriptor, no port: that is not the proxy's doing.
            return e.SocketErrorCode switch
            {
                SocketError.TooManyOpenSockets or SocketError.AddressNotAvailable or SocketError.NoBufferSpaceAvailable => Fate.NotBegun,
                // Accepted and reset before the connect was looked at.
                SocketError.ConnectionReset => Fate.Reset,
                _ => onError,
            };
        }
    }
}
