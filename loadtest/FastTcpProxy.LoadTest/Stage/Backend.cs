using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// An upstream of the load that answers with its name and does what the client asks, and that can be made to fail in each way in which
/// upstreams do. <see cref="SetAsync"/> is called by one task at a time; it owns the listener, and each connection is served by a task of
/// its own, which owns it.
/// </summary>
internal sealed class Backend : IAsyncDisposable
{
    /// <summary>
    /// After a silence all that wait for it arrive within a second, which is more than one at a time: what finds the queue full waits for
    /// another second, and shows as the proxy's latency.
    /// </summary>
    private const int Backlog = 16_384;

    /// <summary>What an open connection costs here: messages are short.</summary>
    private const int BufferBytes = 512;

    /// <summary>The slow one takes one connection so often, from a queue of one.</summary>
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(100);

    /// <summary>At once, in which case a SYN finds the queue full.</summary>
    private const int FillersMax = 4;

    private static readonly byte[] Content = new byte[256 * 1024];

    private readonly byte _name;
    private readonly bool _hasRules;
    private readonly List<Socket> _fillers = [];

    /// <summary>Accepted and never read. The accepting task's, and after it <see cref="SetAsync"/>'s.</summary>
    private readonly List<Socket> _deaf = [];
    private CancellationTokenSource _mode = new();
    private Task _accepting = Task.CompletedTask;
    private Socket? _listener;
    private PortRule? _rule;
    private int _served;

    /// <param name="hasRules">Whether nftables may act on its port: there is a network namespace, and nftables is installed.</param>
    public Backend(char name, IPEndPoint address, bool hasRules)
    {
        _name = (byte)name;
        _hasRules = hasRules;
        EndPoint = address;
        Listen(BackendMode.Up);
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>
    /// Of the connections that it accepts from now on, how much the kernel takes ahead of it and keeps behind it; 0: as much as it likes.
    /// </summary>
    public int SocketBufferBytes { get; set; }

    /// <summary>Connections that it has served.</summary>
    public int Served => Volatile.Read(ref _served);

    /// <summary>How it is silent, for the report.</summary>
    public string SilentMeans => _hasRules ? "its SYN packets are dropped by nftables" : "its accept queue is full";

    /// <summary>Changes how it treats new connections. Those that it serves already continue.</summary>
    public async Task SetAsync(BackendMode mode)
    {
        if (_rule is not null) await _rule.DisposeAsync();
        _rule = null;
        if (RuleOf(mode) is { } rule && _hasRules)
        {
            // It continues to listen: the end of the fault is the end of the rule and nothing else, and no one is lost in the queue of a
            // listener that closes.
            _rule = await PortRule.StartAsync(EndPoint.Port, rule);
            return;
        }
        await _mode.CancelAsync();
        await _accepting;
        foreach (Socket held in (IEnumerable<Socket>)[.. _fillers, .. _deaf]) held.Dispose();
        _fillers.Clear();
        _deaf.Clear();
        _mode.Dispose();
        _mode = new CancellationTokenSource();
        if (mode == BackendMode.Refused) Close();
        else Listen(mode);
        if (mode == BackendMode.Silent) await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_rule is not null) await _rule.DisposeAsync();
        await _mode.CancelAsync();
        await _accepting;
        foreach (Socket held in (IEnumerable<Socket>)[.. _fillers, .. _deaf]) held.Dispose();
        Close();
        _mode.Dispose();
    }

    private static string? RuleOf(BackendMode mode) => mode switch
    {
        BackendMode.Silent => PortRule.Drop,
        BackendMode.Refused => PortRule.Reject,
        BackendMode.Late => PortRule.LoseTheFirst,
        BackendMode.Lossy => PortRule.LoseOnePercent,
        _ => null,
    };

    private void Listen(BackendMode mode)
    {
        if (_listener is null)
        {
            const int solSocket = 1, soReuseAddr = 2;
            _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            // It comes back while connections of its former self are still there (socket(7)).
            _listener.SetRawSocketOption(solSocket, soReuseAddr, BitConverter.GetBytes(1));
            _listener.Bind(EndPoint);
        }
        // Once more on a listening socket changes its backlog alone (listen(2) on Linux).
        _listener.Listen(mode is BackendMode.Slow or BackendMode.Silent ? 0 : Backlog);
        if (mode != BackendMode.Silent) _accepting = AcceptAsync(_listener, mode, _mode.Token);
    }

    private void Close()
    {
        _listener?.Dispose();
        _listener = null;
    }

    /// <summary>Connects to itself until nothing more is accepted.</summary>
    private async Task FillAsync()
    {
        for (int i = 0; i < FillersMax; i++)
        {
            Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _fillers.Add(filler);
            using CancellationTokenSource limit = new(TimeSpan.FromMilliseconds(300));
            try
            {
                await filler.ConnectAsync(EndPoint, limit.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task AcceptAsync(Socket listener, BackendMode mode, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Socket connection = await listener.AcceptAsync(stop);
                connection.NoDelay = true;
                if (SocketBufferBytes > 0) connection.ReceiveBufferSize = connection.SendBufferSize = SocketBufferBytes;
                if (mode == BackendMode.Reset)
                {
                    connection.LingerState = new LingerOption(true, 0);
                    connection.Dispose();
                    continue;
                }
                Interlocked.Increment(ref _served);
                if (mode == BackendMode.Deaf)
                {
                    _deaf.Add(connection);
                    continue;
                }
                _ = ServeAsync(connection);
                if (mode == BackendMode.Slow) await Task.Delay(SlowPause, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // One that was reset in the queue, or no descriptor is left for a moment.
                await Task.Delay(1, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                byte[] buffer = new byte[BufferBytes];
                int got = 0;
                while (got < Request.Bytes)
                {
                    int count = await connection.ReceiveAsync(buffer.AsMemory(got));
                    if (count == 0) return;
                    got += count;
                }
                (byte command, long length) = Request.Read(buffer);
                // The name goes where the request's last byte was: with what is to come back behind it, it is one packet.
                buffer[Request.Bytes - 1] = _name;
                await SendAllAsync(connection, buffer.AsMemory(Request.Bytes - 1, command == Request.Send ? 1 : got - Request.Bytes + 1));
                if (command == Request.Send)
                {
                    for (; length > 0; length -= Content.Length)
                        await SendAllAsync(connection, Content.AsMemory(0, (int)Math.Min(length, Content.Length)));
                }
                else
                {
                    while ((got = await connection.ReceiveAsync(buffer)) > 0) await SendAllAsync(connection, buffer.AsMemory(0, got));
                }
                connection.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The client, or the proxy for it, has reset the connection: it counts there.
            }
        }
    }

    private static async ValueTask SendAllAsync(Socket connection, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await connection.SendAsync(bytes)..];
    }
}
