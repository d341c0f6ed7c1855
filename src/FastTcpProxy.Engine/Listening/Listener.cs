using System.Net.Sockets;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Listening;

/// <summary>
/// One loop's part in one listening address of a service: takes clients, asks the guard, begins sessions; pauses when there is nothing to
/// serve a client with. Belongs to one loop and owns its listening socket.
/// </summary>
internal sealed class Listener : TimerNode, IAcceptOwner
{
    /// <summary>How long a listener without descriptors, memory or room rests before it tries again. It is all the spinning there is.</summary>
    public const int PauseMs = 100;

    /// <summary>Failures in a row, each of one connection, after which the listener rests too.</summary>
    public const int ConnectionErrorsMax = 16;

    private readonly LoopContext _context;
    private readonly ListenSocket _socket;
    private int _errorsInARow;
    private Stage _stage;

    public Listener(LoopContext context, ServiceState service, BoundListener bound)
    {
        _context = context;
        Service = service;
        Address = bound.Address;
        Descriptor = bound.IsDuplicate ? -1 : bound.Descriptor;
        LocalEndPoint = bound.LocalEndPoint;
        _socket = context.Transport.Listen(bound, this);
    }

    private enum Stage : byte
    {
        /// <summary>It accepts, or pauses.</summary>
        Open,

        /// <summary>It accepts no more by itself; a client that comes out of the queue is served.</summary>
        Retired,

        /// <summary>It is over; a client that was on its way is refused.</summary>
        Closed,
    }

    /// <summary>Whose clients come in here from now on. Set inside the loop; sessions keep the service that they began with.</summary>
    public ServiceState Service { get; set; }

    /// <summary>The socket's number, for whoever goes on with it; -1 when it is only another number of a socket that another listener has.</summary>
    public int Descriptor { get; }

    /// <summary>Whether the socket is closed. Any thread.</summary>
    public bool IsClosed => _socket.IsClosed;

    public ListenAddress Address { get; }

    /// <summary>What the socket is bound to; each client's own view of it when <see cref="HasWildcardAddress"/> is false.</summary>
    public InetEndPoint LocalEndPoint { get; }

    public bool HasWildcardAddress => Address.IsWildcard;

    /// <summary>Begins to accept. Inside the loop.</summary>
    public void Start() => Resume();

    /// <summary>Stops for good; sessions live on. Inside the loop.</summary>
    public void Close()
    {
        if (TryLeave(Stage.Closed)) _socket.Close();
    }

    /// <summary>Serves everything that is in the kernel's queue, as far as there is room, and stops for good. Inside the loop.</summary>
    public void Retire()
    {
        if (TryLeave(Stage.Retired)) _socket.Retire();
    }

    /// <summary>Leaves the socket and its queue to the process that goes on with it. Inside the loop.</summary>
    public void Release()
    {
        if (TryLeave(Stage.Retired)) _socket.Close();
    }

    public bool OnAccepted(in AcceptedConnection connection)
    {
        if (_stage == Stage.Closed)
        {
            _context.Transport.Refuse(connection, reset: true);
            return false;
        }
        _errorsInARow = 0;
        _context.Loop.Counters.Accepted++;
        Admit(connection);
        if (_context.Limits.HasRoom && !_context.DescriptorsExhausted) return true;
        if (_stage == Stage.Open) Pause();
        return false;
    }

    public bool OnAcceptFailed(SocketError error)
    {
        if (_stage != Stage.Open) return false;
        switch (AcceptErrors.Classify(error))
        {
            case AcceptErrorTier.Connection:
                _context.Loop.Counters.AcceptErrors++;
                if (++_errorsInARow < ConnectionErrorsMax) return true;
                Pause();
                return false;
            case AcceptErrorTier.Resource:
                if (error == SocketError.TooManyOpenSockets)
                {
                    _context.DescriptorsExhausted = true;
                    _context.Transport.ReleaseSpare();
                }
                Pause();
                return false;
            default:
                _context.Loop.Counters.ListenersLost++;
                Close();
                return false;
        }
    }

    public override void OnFault(Exception fault)
    {
        if (_stage == Stage.Open) ScheduleRetry();
    }

    public override void OnTimer()
    {
        if (_context.DescriptorsExhausted && _context.Transport.TryRestoreSpare()) _context.DescriptorsExhausted = false;
        if (_context.DescriptorsExhausted || !_context.Limits.HasRoom) ScheduleRetry();
        else Resume();
    }

    private bool TryLeave(Stage next)
    {
        if (_stage != Stage.Open) return false;
        _stage = next;
        _context.Loop.Timers.Cancel(this);
        return true;
    }

    private void Resume()
    {
        _errorsInARow = 0;
        _socket.Accept();
    }

    private void Pause()
    {
        _context.Loop.Counters.AcceptPauses++;
        ScheduleRetry();
    }

    private void ScheduleRetry() => _context.Loop.Timers.Schedule(this, _context.Loop.NowMs + PauseMs);

    private void Admit(in AcceptedConnection connection)
    {
        ServiceDefinition service = Service.Definition;
        int processSessions = _context.Limits.Sessions.Enter();
        int serviceSessions = Service.Sessions.Enter();
        GuardVerdict verdict = AdmissionGuard.Decide(processSessions, _context.Limits.SessionsMax, serviceSessions, service.SessionsMax);
        if (verdict != GuardVerdict.Allow)
        {
            Refuse(connection, service, EndCause.LimitReached);
            return;
        }
        bool expectsHeader = false;
        if (service.AcceptProxy is { } acceptProxy)
        {
            // On a UNIX socket the file's permissions say who is a balancer.
            expectsHeader = Address.UnixPath is not null || acceptProxy.From.Contains(connection.Peer);
            if (!expectsHeader && !acceptProxy.ServeOthers)
            {
                Refuse(connection, service, EndCause.NotTrusted);
                return;
            }
        }
        Begin(connection, expectsHeader);
    }

    private void Begin(in AcceptedConnection connection, bool expectsHeader)
    {
        Session session = _context.Pool.Get();
        try
        {
            session.Begin(this, connection, expectsHeader);
        }
        catch (Exception fault)
        {
            // Here, and not where the loop contains faults: there it would count against the listener, and the session would be lost.
            _context.Loop.Counters.CountFault(fault);
            session.OnFault(fault);
        }
    }

    private void Refuse(in AcceptedConnection connection, ServiceDefinition service, EndCause cause)
    {
        _context.Transport.Refuse(connection, reset: true);
        _context.Loop.Counters.Refused++;
        if (_context.Records is { } records)
        {
            SessionRecord record = new()
            {
                Id = _context.NextSessionId(),
                StartedUtcTicks = _context.Loop.UtcNow.UtcTicks,
                Service = service,
                Listener = Address.Text,
                Peer = connection.Peer,
                Client = connection.Peer,
                UpstreamIndex = -1,
                ConnectUs = -1,
                Reason = new EndReason(EndParty.Proxy, EndPhase.Guard, cause),
                ProcessSessions = _context.Limits.Sessions.Current,
                ServiceSessions = Service.Sessions.Current,
            };
            if (!records.TryWrite(record)) _context.Loop.Counters.RecordsDropped++;
        }
        Service.Sessions.Leave();
        _context.Limits.Sessions.Leave();
    }
}
