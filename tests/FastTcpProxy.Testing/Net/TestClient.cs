using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Net;

/// <summary>
/// A client connection from a source that the test chooses, with every wait bounded.
/// One task at a time; it owns its socket.
/// </summary>
public sealed class TestClient : IDisposable
{
    private TestClient(Socket socket) => Socket = socket;

    /// <summary>The socket, for what this class does not offer (options, half-close, a reset by linger).</summary>
    public Socket Socket { get; }

    public IPEndPoint LocalEndPoint => (IPEndPoint)Socket.LocalEndPoint!;

    /// <summary>Connects to <paramref name="destination"/>, from <paramref name="source"/> when it is given.</summary>
    /// <exception cref="SocketException">The connect failed.</exception>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task<TestClient> ConnectAsync(IPEndPoint destination, IPEndPoint? source = null, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var socket = new Socket(destination.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
                socket.Bind(source);
            using var end = new CancellationTokenSource(within ?? Deadline.Patient);
            await socket.ConnectAsync(destination, end.Token);
            return new TestClient(socket);
        }
        catch (OperationCanceledException e)
        {
            socket.Dispose();
            throw new TimeoutException($"no connection to {destination} in time", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The same for a connection that the test made or accepted itself. It owns the socket from here on.</summary>
    public static TestClient Take(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return new TestClient(socket);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var end = new CancellationTokenSource(Deadline.Patient);
        while (bytes.Length > 0)
            bytes = bytes[await Socket.SendAsync(bytes, end.Token)..];
    }

    /// <summary>Ends the client's direction; the other one stays open.</summary>
    public void HalfClose() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Receives what comes next; an empty array is the end of the stream.</summary>
    /// <exception cref="TimeoutException">Nothing came in time.</exception>
    public async Task<byte[]> ReceiveAsync(TimeSpan? within = null)
    {
        var buffer = new byte[16 * 1024];
        using var end = new CancellationTokenSource(within ?? Deadline.Patient);
        try
        {
            return buffer[..await Socket.ReceiveAsync(buffer, end.Token)];
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException("nothing was received in time", e);
        }
    }

    /// <summary>Receives exactly <paramref name="count"/> bytes.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before.</exception>
    public async Task<byte[]> ReceiveExactlyAsync(int count)
    {
        var received = new byte[count];
        var deadline = Deadline.After();
        for (var have = 0; have < count;)
        {
            using var end = new CancellationTokenSource(deadline.Remaining);
            var got = await Socket.ReceiveAsync(received.AsMemory(have), end.Token);
            if (got == 0)
                throw new EndOfStreamException($"the stream ended after {have} of {count} bytes");
            have += got;
        }
        return received;
    }

    /// <summary>Receives until the text so far contains <paramref name="mark"/>, and returns all of it.</summary>
    /// <exception cref="EndOfStreamException">The stream ended before; the exception's text holds what came.</exception>
    public async Task<string> ReceiveUntilAsync(string mark)
    {
        var text = new StringBuilder();
        var deadline = Deadline.After();
        while (!text.ToString().Contains(mark, StringComparison.Ordinal))
        {
            var bytes = await ReceiveAsync(deadline.Remaining);
            if (bytes.Length == 0)
                throw new EndOfStreamException($"the stream ended before '{mark}'; it held: {text}");
            text.Append(Encoding.Latin1.GetString(bytes));
        }
        return text.ToString();
    }

    /// <summary>Receives until the stream ends.</summary>
    public async Task<string> ReceiveToEndAsync()
    {
        var text = new StringBuilder();
        var deadline = Deadline.After();
        while (await ReceiveAsync(deadline.Remaining) is { Length: > 0 } bytes)
            text.Append(Encoding.Latin1.GetString(bytes));
        return text.ToString();
    }

    /// <summary>Closes with a reset instead of an end.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Dispose();
    }

    public void Dispose() => Socket.Dispose();
}
