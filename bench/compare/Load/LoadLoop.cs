using System.Diagnostics;
using System.Runtime.InteropServices;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Load;

/// <summary>
/// The load: clients and backend in one epoll loop on one thread, so that it takes one core, and a wake-up serves both ends.
/// It owns all its descriptors and buffers; a process runs one of them.
/// </summary>
internal sealed unsafe partial class LoadLoop : IDisposable
{
    private const int ListenerSlot = -1, InputSlot = -2;

    /// <summary>A burst at the beginning that no backlog refuses.</summary>
    private const int StartsPerTurnMax = 64;

    /// <summary>So many failures with no success between them are no bad luck.</summary>
    private const int FailuresInARowMax = 1_000;

    private const int ReceiveBytes = 65_536, StreamBytes = 1 << 20, DiscardBytes = 4 << 20;
    private const long MillisecondNs = 1_000_000, SecondNs = 1_000_000_000;

    /// <summary>How long everything may take to be open, and how long late answers are waited for after a window.</summary>
    private const long OpenMaxNs = 20 * SecondNs, GraceNs = SecondNs;

    private readonly LoadOptions _options;
    private readonly Epoll _epoll = new();
    private readonly List<Connection> _slots = [];
    private readonly Stack<Connection> _free = new();
    private readonly byte* _buffer = (byte*)NativeMemory.Alloc(DiscardBytes);
    private readonly byte[] _message;
    private readonly byte* _messageAt;
    private readonly LatencyRecord? _latency;
    private readonly ArrivalSchedule? _schedule;
    private readonly TextWriter _output;
    private readonly int _stream;
    private int _listener = -1;

    private int _clients, _answered;
    private int _failuresInARow;
    private bool _measuring, _ended;
    private long _operations, _bytes, _errors;
    private string? _firstError;

    public LoadLoop(LoadOptions options, TextWriter output)
    {
        _options = options;
        _output = output;
        // Pinned, so that the address stays; no byte begins a PROXY header.
        _message = GC.AllocateUninitializedArray<byte>(options.MessageBytes, pinned: true);
        for (int i = 0; i < _message.Length; i++) _message[i] = (byte)('a' + (i % 23));
        _messageAt = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_message, 0);
        if (options.Rate > 0)
        {
            _schedule = new(options.Rate);
            _latency = new();
        }
        _stream = IsStream ? MakeStream() : -1;
    }

    private bool IsStream => _options.Kind is LoadKind.Bulk or LoadKind.Upload;

    private bool IsHeld => _options.Kind is LoadKind.Idle or LoadKind.Waiting;

    private static long NowNs => Stopwatch.GetTimestamp() * (SecondNs / Stopwatch.Frequency);

    /// <summary>Opens the backend, unless the upstream is silent and so none of the load's. Only now may connections come in.</summary>
    /// <exception cref="LoadException">The port is in use.</exception>
    public void Listen()
    {
        if (_options.Kind == LoadKind.Waiting) return;
        byte* address = stackalloc byte[16];
        _listener = Libc.socket(Libc.AfInet, Libc.SockStream | Libc.SockNonBlock | Libc.SockCloExec, 0);
        Libc.SetOption(_listener, Libc.SolSocket, Libc.SoReuseAddr, 1);
        Libc.SetOption(_listener, Libc.SolSocket, Libc.SoReusePort, 1);
        // Accepted sockets take it on.
        Libc.SetOption(_listener, Libc.IpProtoTcp, Libc.TcpNoDelay, 1);
        int error = 0;
        if (Libc.bind(_listener, address, Libc.WriteLoopback(address, _options.BackendPort)) != 0
            || Libc.listen(_listener, NetworkNamespace.Backlog) != 0)
            error = Libc.LastError;
        if (error != 0) throw new LoadException($"the backend cannot listen on 127.0.0.1:{_options.BackendPort}: {Libc.Describe(error)}");
        _epoll.Add(_listener, Libc.EpollIn, ListenerSlot);
    }

    /// <summary>
    /// Runs the load through warm-up and window. A load that holds its connections prints a result when they are open, and then waits.
    /// </summary>
    /// <exception cref="LoadException">No connection succeeds, or there are no descriptors.</exception>
    public LoadResult Run()
    {
        if (IsHeld) return Hold();
        OpenAll();
        if (_schedule is not null) BeginArrivals();
        TurnUntil(NowNs + (long)(_options.WarmUpSeconds * SecondNs));
        double proxy = CpuClock.Seconds(_options.ProxyProcesses), own = CpuClock.OwnSeconds;
        long begin = NowNs;
        _measuring = true;
        _latency?.OpenWindow(begin);
        TurnUntil(begin + (long)(_options.Seconds * SecondNs));
        _measuring = false;
        long end = NowNs;
        LoadResult result = new()
        {
            Seconds = (end - begin) / 1e9,
            Operations = _operations,
            Bytes = _bytes,
            ProxyCpuSeconds = CpuClock.Seconds(_options.ProxyProcesses) - proxy,
            LoadCpuSeconds = CpuClock.OwnSeconds - own,
        };
        if (_latency is not null) AwaitAnswers(end);
        return result with
        {
            Errors = _errors, FirstError = _firstError, Latencies = _latency?.ToPairs(), LatenessP99Ns = _latency?.LatenessP99Ns ?? 0,
        };
    }

    public void Dispose()
    {
        HashSet<Connection> free = [.. _free];
        foreach (Connection connection in _slots)
        {
            if (!free.Contains(connection)) _ = Libc.close(connection.Fd);
        }
        if (_listener >= 0) _ = Libc.close(_listener);
        if (_stream >= 0) _ = Libc.close(_stream);
        _epoll.Dispose();
        NativeMemory.Free(_buffer);
    }

    /// <summary>Starts all connections; those that stay open in an open model also have one answer before the first arrival.</summary>
    private void OpenAll()
    {
        bool connectsOnArrival = _schedule is not null && _options.Kind == LoadKind.Connections;
        if (connectsOnArrival) return;
        long deadline = NowNs + OpenMaxNs;
        while (_clients < _options.Connections || (_schedule is not null && _answered < _options.Connections))
        {
            TopUp();
            Turn(_clients < _options.Connections ? 0 : MillisecondNs);
            if (NowNs > deadline)
                throw new LoadException(
                    $"after {OpenMaxNs / SecondNs} s only {_answered} of {_options.Connections} connections have an answer");
        }
    }

    private void TurnUntil(long deadlineNs)
    {
        while (NowNs is var now && now < deadlineNs)
        {
            if (_schedule is null)
            {
                TopUp();
                Turn(Math.Min(deadlineNs - now, 50 * MillisecondNs));
            }
            else
            {
                TakeArrivals(now);
                Turn(_options.Spin ? 0 : Math.Clamp(_schedule.NextNs - NowNs, 0, Math.Max(0, deadlineNs - now)));
            }
        }
    }

    /// <summary>Waits once and serves what is ready.</summary>
    private void Turn(long timeoutNs)
    {
        int count = _epoll.Wait(timeoutNs);
        for (int i = 0; i < count; i++)
        {
            (int slot, uint events) = _epoll[i];
            if (slot >= 0) Serve(_slots[slot], events);
            else if (slot == ListenerSlot) AcceptAll();
            else _ended = true;
            // Served one after the other, a batch would make the arrivals behind it late.
            if (_arriving) TakeArrivals(NowNs);
        }
    }

    private void Serve(Connection connection, uint events)
    {
        if (connection.Side == ConnectionSide.Client) ServeClient(connection, events);
        else ServeBackend(connection, events);
    }

    /// <summary>Opens connections, says how many there are, and keeps them until the input ends or the time is over.</summary>
    private LoadResult Hold()
    {
        bool hasInput = _epoll.Add(0, Libc.EpollIn, InputSlot);
        long deadline = NowNs + OpenMaxNs;
        while (HeldCount < _options.Connections && NowNs < deadline && !_ended)
        {
            TopUp();
            Turn(MillisecondNs);
        }
        LoadResult result = new() { Seconds = 0, Held = HeldCount, Errors = _errors, FirstError = _firstError };
        _output.WriteLine(System.Text.Json.JsonSerializer.Serialize(result, LoadJson.Default.LoadResult));
        _output.Flush();
        deadline = NowNs + (long)(_options.Seconds * SecondNs);
        while (NowNs < deadline && !(hasInput && _ended)) Turn(50 * MillisecondNs);
        return result with { Held = HeldCount, Errors = _errors, FirstError = _firstError };
    }

    private int HeldCount => _answered;

    private Connection Take(int fd, ConnectionSide side)
    {
        if (!_free.TryPop(out Connection? connection))
        {
            connection = new(_slots.Count);
            _slots.Add(connection);
        }
        connection.Begin(fd, side, _options.MessageBytes);
        return connection;
    }

    private void Close(Connection connection)
    {
        _ = Libc.close(connection.Fd);
        _free.Push(connection);
    }

    private void CountError(string what)
    {
        _errors++;
        _firstError ??= what;
        if (++_failuresInARow >= FailuresInARowMax)
            throw new LoadException($"{FailuresInARowMax} connections in a row failed: {_firstError}");
    }

    /// <summary>A file in memory that sendfile(2) takes streams from, so that the load copies nothing.</summary>
    private int MakeStream()
    {
        fixed (byte* name = "stream\0"u8)
        {
            int fd = Libc.memfd_create(name, 0);
            new Span<byte>(_buffer, StreamBytes).Fill((byte)'s');
            if (fd < 0 || Libc.write(fd, _buffer, StreamBytes) != StreamBytes) throw new LoadException("there is no memory for a stream");
            return fd;
        }
    }
}
