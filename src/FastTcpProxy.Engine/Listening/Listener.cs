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
    private bool _closed;

    public Listener(LoopContext context, ServiceState service, BoundListener bound)
    {
        _context = context;
        Service = service;
        Address = bound.Address;
        LocalEndPoint = bound.LocalEndPoint;
        _socket = context.Transport.Listen(bound, this);
    }

    public ServiceState Service { get; }

    public ListenAddress Address { get; }

    /// <summary>What the socket is bound to; each client's own view of it when <see cref="HasWildcardAddress"/> is false.</summary>
    public InetEndPoint LocalEndPoint { get; }

    public bool HasWildcardAddress => Address.IsWildcard;

    /// <summary>Begins to accept. Inside the loop.</summary>
    public void Start() => Resume();

    /// <summary>Stops for good; sessions live on. Inside the loop.</summary>
    public void Close()
    {
        if (_closed) return;
        _closed = true;
        _context.Loop.Timers.Cancel(this);
        _socket.Close();
    }

    public bool OnAccepted(in AcceptedConnection connection)
    {
        _errorsInARow = 0;
        _context.Loop.Counters.Accepted++;
        Admit(connection);
        if (_context.Limits.HasRoom && !_context.DescriptorsExhausted) return true;
        Pause();
        return false;
    }

    public bool OnAcceptFailed(SocketError error)
    {
        if (_closed) return false;
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
        if (!_closed) ScheduleRetry();
    }

    public override void OnTimer()
    {
        if (_context.DescriptorsExhausted && _context.Transport.TryRestoreSpare()) _context.DescriptorsExhausted = false;
        if (_context.DescriptorsExhausted || !_context.Limits.HasRoom) ScheduleRetry();
        else Resume();
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

    private void ScheduleRetry() => _context.Loop.Timers.Schedule(this, _context.Loop.NowUs / 1000 + PauseMs);

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
