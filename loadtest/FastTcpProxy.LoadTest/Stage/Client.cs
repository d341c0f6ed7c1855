using System.Net;
using System.Net.Sockets;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// A connection of a client: connects, asks, learns who answers, does its work, ends in order. One task; it owns its socket. Each step has the client's
/// patience; what happens on the network is a fate.
/// </summary>
internal sealed class Client : IDisposable
{
    /// <summary>More than any time that a proxy is told to wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>What a short connection sends and gets back.</summary>
    private const int MessageBytes = 128;

    private static readonly byte[] Message = [.. Enumerable.Range(0, MessageBytes).Select(i => (byte)('a' + i % 23))];

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer;
    private readonly CancellationToken _stop;

    /// <param name="bufferBytes">What it receives at a time.</param>
    public Client(CancellationToken stop, int bufferBytes = MessageBytes + Request.Bytes)
    {
        _stop = stop;
        _buffer = new byte[bufferBytes];
    }

    /// <summary>A short connection from its beginning to its end.</summary>
    public static async Task<StepResult> ExchangeAsync(IPEndPoint proxy, CancellationToken stop)
    {
        using Client client = new(stop);
        (Fate fate, char by) = await client.AskAsync(proxy, Request.Echo);
        if (fate == Fate.Served) fate = await client.EchoAsync();
        if (fate == Fate.Served) fate = await client.EndAsync();
        if (fate == Fate.Served && by != 'a') fate = Fate.FailedOver;
        return new StepResult(fate, 2 * MessageBytes);
    }

    /// <summary>Connects, says what it wants, and waits for the name of the upstream that answers.</summary>
    public async Task<(Fate Fate, char By)> AskAsync(IPEndPoint proxy, byte command, long length = 0)
    {
        char by = '\0';
        Fate fate = await StepAsync(Fate.Refused, async stop =>
        {
            await _socket.ConnectAsync(proxy, stop);
            return Fate.Served;
        });
        if (fate != Fate.Served) return (fate, by);
        Request.Write(_buffer, command, length);
        fate = await StepAsync(Fate.Reset, async stop =>
        {
            await _socket.SendAsync(_buffer.AsMemory(0, Request.Bytes), stop);
            if (await _socket.ReceiveAsync(_buffer.AsMemory(0, 1), stop) == 0) return Fate.Reset;
            by = (char)_buffer[0];
            return Fate.Served;
        });
        return (fate, by);
    }

    /// <summary>Sends a message, and reads the same back.</summary>
    public Task<Fate> EchoAsync() => StepAsync(Fate.Reset, async stop =>
    {
        await _socket.SendAsync(Message, stop);
        for (int got = 0; got < MessageBytes;)
        {
            int count = await _socket.ReceiveAsync(_buffer.AsMemory(got, MessageBytes - got), stop);
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
                int count = await _socket.ReceiveAsync(_buffer, stop);
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
        _socket.Shutdown(SocketShutdown.Send);
        return await _socket.ReceiveAsync(_buffer, stop) == 0 ? Fate.Served : Fate.Wrong;
    });

    /// <summary>How little it lets the kernel take ahead of it.</summary>
    public void LimitReceiveBuffer(int bytes) => _socket.ReceiveBufferSize = bytes;

    public void Dispose() => _socket.Dispose();

    private async Task<Fate> StepAsync(Fate onError, Func<CancellationToken, Task<Fate>> step)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        limit.CancelAfter(Patience);
        try
        {
            return await step(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return Fate.Hung;
        }
        catch (SocketException e)
        {
            // No descriptor, no port: that is not the proxy's doing.
            return e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.AddressNotAvailable or SocketError.NoBufferSpaceAvailable ? Fate.NotBegun : onError;
        }
    }
}
