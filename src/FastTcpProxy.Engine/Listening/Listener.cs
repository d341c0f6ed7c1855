using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Listening;

/// <summary>
/// One loop's part in one listening address of a service: accepts clients, asks the guards, begins sessions; pauses when descriptors,
/// memory or sessions are short. Belongs to one loop and owns its listening socket.
/// </summary>
internal sealed partial class Listener : TimerNode, IAcceptOwner
{
    /// <summary>How long a listener without descriptors, memory or room pauses before it tries again.</summary>
    public const int PauseMs = 100;

    /// <summary>Failures in a row, each of one connection, after which the listener pauses too.</summary>
    public const int ConnectionErrorsMax = 16;

    /// <summary>How long a listener that is lost waits before it is opened again, the first time.</summary>
    public const int ReopenMinMs = 1_000;

    /// <summary>The wait doubles with each failed try, up to this.</summary>
    public const int ReopenMaxMs = 30_000;

    private readonly LoopContext _context;
    private readonly ITransportFactory _transports;
    private readonly bool _canReopen;
    private volatile ListenSocket _socket;
    private volatile ListenerLoss? _loss;
    private int _reopenMs = ReopenMinMs;
    private ServiceState _service;
    private BufferShare? _buffers;
    private int _errorsInARow;
    private Stage _stage;

    /// <param name="context">Of the loop.</param>
    /// <param name="transports">Binds it again when its socket is lost.</param>
    /// <param name="service">The service of its clients.</param>
    /// <param name="bound">Its socket.</param>
    /// <param name="canReopen">Whether the address is this process's to bind: not when the file of the socket belongs to another
    /// process.</param>
    public Listener(LoopContext context, ITransportFactory transports, ServiceState service, BoundListener bound, bool canReopen = true)
    {
        _context = context;
        _transports = transports;
        _canReopen = canReopen;
        _service = service;
        Bound = bound;
        Descriptor = bound.IsDuplicate ? -1 : bound.Descriptor;
        _socket = context.Transport.Listen(bound, this);
    }

    private enum Stage : byte
    {
        /// <summary>It accepts, or pauses.</summary>
        Open,

        /// <summary>Its socket failed for good; it waits to be opened again.</summary>
        Lost,

        /// <summary>It no longer accepts by itself; a client that comes out of the queue is served.</summary>
        Retired,

        /// <summary>It is closed; a client that was on its way is refused.</summary>
        Closed,
    }

    /// <summary>The service of its clients from now on. Set inside the loop; sessions keep the service that they began with.</summary>
    public ServiceState Service
    {
        get => _service;
        set
        {
            bool hasShare = _buffers is not null && _stage is (Stage.Open or Stage.Lost);
            if (hasShare) _context.CloseBuffers(_service);
            _service = value;
            _buffers = hasShare ? _context.OpenBuffers(value) : null;
        }
    }

    /// <summary>The service's part of the loop's buffers. Inside the loop.</summary>
    public BufferShare Buffers => _buffers ??= _context.OpenBuffers(_service);

    /// <summary>
    /// The socket's number, for the process that continues with it; -1 when it is only another number of a socket that another listener
    /// has.
    /// </summary>
    public int Descriptor
    {
        get => Volatile.Read(ref _descriptor);
        private set => Volatile.Write(ref _descriptor, value);
    }

    private int _descriptor;

    /// <summary>How often it was lost, and whether it is; null when it never was. Any thread.</summary>
    public ListenerLoss? Loss => _loss;

    /// <summary>Whether the socket is closed. Any thread.</summary>
    public bool IsClosed => _socket.IsClosed;

    /// <summary>The socket that it began with: the address stays, the socket may be another one by now.</summary>
    public BoundListener Bound { get; }

    public ListenAddress Address => Bound.Address;

    /// <summary>What the socket is bound to; each client's own view of it unless <see cref="Address"/> is a wildcard.</summary>
    public InetEndPoint LocalEndPoint => Bound.LocalEndPoint;

    /// <summary>Begins to accept. Inside the loop.</summary>
    public void Start()
    {
        // Now and not with the first client: by then other services may have taken its share.
        _ = Buffers;
        Resume();
    }

    /// <summary>No other process holds its socket any more. Inside the loop.</summary>
    public void Claim() => _socket.Claim();

    /// <summary>Stops for good; sessions live on. Inside the loop.</summary>
    public void Close()
    {
        if (TryLeave(Stage.Closed)) _socket.Close();
    }

    /// <summary>Serves every client in the kernel's queue, as far as there is room, and stops for good. Inside the loop.</summary>
    public void Retire()
    {
        if (TryLeave(Stage.Retired)) _socket.Retire();
    }

    /// <summary>Leaves the socket and its queue to the process that continues with it. Inside the loop.</summary>
    public void Release()
    {
        if (TryLeave(Stage.Retired)) _socket.Close();
    }

    public bool OnAccepted(in AcceptedConnection connection)
    {
        if (_stage == Stage.Closed)
        {
            connection.Stream.Close(reset: true);
            return false;
        }
        _errorsInARow = 0;
        Admit(connection);
        if (_context.Limits.HasRoom && !_context.DescriptorsExhausted) return true;
        if (_stage == Stage.Open) Pause(ref _context.DescriptorsExhausted ? ref Counts.PausesDescriptors : ref Counts.PausesSessions);
        return false;
    }

    public bool OnAcceptFailed(SocketError error)
    {
        if (_stage != Stage.Open) return false;
        switch (AcceptErrors.Classify(error))
        {
            case AcceptErrorTier.Connection:
                Counts.AcceptErrors++;
                if (++_errorsInARow < ConnectionErrorsMax) return true;
                Pause(ref Counts.PausesErrors);
                return false;
            case AcceptErrorTier.Resource:
                bool isDescriptor = error == SocketError.TooManyOpenSockets;
                if (isDescriptor)
                {
                    _context.DescriptorsExhausted = true;
                    _context.Transport.ReleaseSpare();
                }
                Pause(ref isDescriptor ? ref Counts.PausesDescriptors : ref Counts.PausesMemory);
                return false;
            default:
                Counts.ListenersLost++;
                Lose(error);
                return false;
        }
    }

    public override void OnFault(Exception fault)
    {
        if (_stage == Stage.Open) ScheduleRetry();
        else if (_stage == Stage.Lost) ScheduleReopen();
    }

    public override void OnTimer()
    {
        if (_stage == Stage.Lost)
        {
            Reopen();
            return;
        }
        if (_context.DescriptorsExhausted && _context.Transport.TryRestoreSpare()) _context.DescriptorsExhausted = false;
        if (_context.DescriptorsExhausted || !_context.Limits.HasRoom) ScheduleRetry();
        else Resume();
    }

    private bool TryLeave(Stage next)
    {
        bool hadSocket = _stage == Stage.Open;
        if (!hadSocket && _stage != Stage.Lost) return false;
        // A lost one has nothing to close, and must not come back.
        _stage = hadSocket ? next : Stage.Closed;
        _context.Loop.Timers.Cancel(this);
        if (_buffers is not null) _context.CloseBuffers(_service);
        return hadSocket;
    }

    /// <summary>The socket has failed for good: another one takes its place as soon as it can be bound.</summary>
    private void Lose(SocketError error)
    {
        _stage = Stage.Lost;
        _loss = new ListenerLoss(Address.Text, _context.Loop.Index, (_loss?.Losses ?? 0) + 1, error, _canReopen) { IsLost = true };
        _socket.Close();
        Descriptor = -1;
        if (_canReopen) ScheduleReopen();
    }

    private void Reopen()
    {
        BoundListener bound;
        try
        {
            bound = _transports.Rebind(Bound);
        }
        catch (BindException e)
        {
            _loss = _loss! with { Error = e.Error };
            ScheduleReopen();
            return;
        }
        _socket = _context.Transport.Listen(bound, this);
        Descriptor = bound.Descriptor;
        _reopenMs = ReopenMinMs;
        _stage = Stage.Open;
        _loss = _loss! with { IsLost = false };
        Resume();
    }

    private void ScheduleReopen()
    {
        _context.Loop.Timers.Schedule(this, _context.Loop.NowMs + _reopenMs);
        _reopenMs = Math.Min(2 * _reopenMs, ReopenMaxMs);
    }

    private void Resume()
    {
        _errorsInARow = 0;
        _socket.Accept();
    }

    private ref LoopCounts Counts => ref _context.Loop.Metrics.Counts;

    /// <param name="count">Of the pauses for the same cause.</param>
    private void Pause(ref long count)
    {
        count++;
        ScheduleRetry();
    }

    private void ScheduleRetry() => _context.Loop.Timers.Schedule(this, _context.Loop.NowMs + PauseMs);
}
