using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace FastTcpProxy.NoLoss.Load;

/// <summary>One connection of a client: connect, send, read the same back. Used by one task; it owns its socket.</summary>
internal sealed class Exchange : IDisposable
{
    /// <summary>How long a client waits for any step.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _back;
    private readonly byte[] _sent;

    public Exchange(int bytes)
    {
        _sent = RandomNumberGenerator.GetBytes(bytes);
        _back = new byte[bytes];
    }

    /// <summary>Connects; null when it is connected.</summary>
    public Task<Fate?> ConnectAsync(IPEndPoint proxy) => StepAsync(Fate.Refused, async stop =>
    {
        await _socket.ConnectAsync(proxy, stop);
        return null;
    });

    /// <summary>Sends, and reads the same back; null when it was the same.</summary>
    public Task<Fate?> EchoAsync() => StepAsync(Fate.Reset, async stop =>
    {
        await _socket.SendAsync(_sent, stop);
        for (int got = 0; got < _back.Length;)
        {
            int received = await _socket.ReceiveAsync(_back.AsMemory(got), stop);
            if (received == 0) return Fate.Reset;
            got += received;
        }
        return _back.AsSpan().SequenceEqual(_sent) ? null : Fate.Wrong;
    });

    /// <summary>Ends in order: our end, then the other's. Null when it came.</summary>
    public Task<Fate?> EndAsync() => StepAsync(Fate.Reset, async stop =>
    {
        _socket.Shutdown(SocketShutdown.Send);
        return await _socket.ReceiveAsync(_back.AsMemory(), stop) == 0 ? null : Fate.Wrong;
    });

    public void Dispose() => _socket.Dispose();

    private static async Task<Fate?> StepAsync(Fate onError, Func<CancellationToken, Task<Fate?>> step)
    {
        using CancellationTokenSource limit = new(Patience);
        try
        {
            return await step(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return Fate.Hung;
        }
        catch (SocketException)
        {
            return onError;
        }
    }
}
