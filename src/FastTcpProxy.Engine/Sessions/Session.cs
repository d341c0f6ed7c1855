using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// One client connection and the upstream that it is proxied to, from the accept to the record of its end. This file holds all fields, by
/// the state from which on they are valid, and the calls from outside; SessionState.cs has the transitions. The steps of each state are in
/// Session.Header.cs, Session.Connect.cs with Session.Retry.cs, Session.Hedge.cs and Session.Standing.cs, Session.Relay.cs with
/// Session.Unanswered.cs and Session.Replace.cs, and Session.Flush.cs; the end is in Session.Close.cs, and what is counted on the way in
/// Session.Counts.cs. Belongs to one loop and is used again. It owns the client stream and the upstream stream; closing them ends every
/// call to it, so it returns to the pool at once, while the streams count their own operations down.
/// </summary>
internal sealed partial class Session : TimerNode, IStreamOwner, IBufferHolder, ILoopItem, IResettable
{
    /// <summary>
    /// How long an event that has arrived by a deadline may take to be delivered. The socket thread delivers it. On a machine without idle
    /// processors that thread is as late as the ticks are, and after a pause it has events for the whole process.
    /// </summary>
    internal const int GraceMs = 1_000;

    // The object's own, for all of its sessions.
    private readonly LoopContext _context;
    private readonly RelayDirection _fromClient = new();
    private readonly RelayDirection _fromUpstream = new();
    // Made when it first waits for a buffer. It is in the list of a share as long as it waits, and leaves the list when the session closes:
    // the next session of this object may be another service's.
    private LinkedListNode<IBufferHolder>? _bufferWait;
    // No state of a session: a turn that was given up cannot be taken back, and may come when the object has another session.
    private bool _yielding;

    // From Accepted on.
    private SessionState _state;
    private BoundListener? _listener;
    private ServiceState? _serviceState;
    private ServiceDefinition? _service;
    private BufferShare? _buffers;
    private StreamSocket? _client;
    private InetEndPoint _peer;
    private GuardTicket _ticket;
    private long _startedUs, _startedUtcTicks;
    // The deadline that was put off, once. A later one is another number: the clock does not go back.
    private long _deadlinePutOffMs, _putOffUntilMs;

    // ReadingHeader.
    private BufferChunk? _headerChunk;
    private int _headerBytes;
    private int _fruitlessReads;
    private ProxyDecodeError _headerError;
    // The content of the balancer's header, until ours is written.
    private BufferChunk? _tlvChunk;
    private int _tlvBytes;
    private ForwardedEnds? _forwarded;
    private long _headerUs;

    // From Connecting on.
    private StreamSocket? _upstream;
    private UpstreamAddress? _upstreamAddress;
    private FailoverCursor _cursor;
    private ConnectAttempt _attempt;
    // An older attempt that is in flight beside this one.
    private ParkedAttempt? _elder;
    private int _attemptCount;
    private Attempt _firstAttempt;
    private AttemptLog? _attemptLog;
    // Connecting: of all attempts. Flushing: of the connection that broke.
    private Failure? _failure;
    private long _connectStartedUs, _connectStartedMs;
    private long _connectUs;
    // Kept from attempt to attempt: a list of quick failures must not postpone the poll again and again.
    private long _clientPollDueMs;
    private long _retryDueMs;
    private int _retryMs;
    private long _hedgeDueMs;
    // This attempt's connection is there, and the elder's is decided: it is known in a moment.
    private bool _awaitsElder;
    private int _replaced;

    // From Relaying on.
    private HeaderMode _mode;
    private long _lastActivityMs;
    private EndParty _endedFirst;
    // The activity that counts the session for its upstream; null before it counts.
    private UpstreamActivity? _proxiedTo;
    private AnswerWatch _answerWatch;
    private long _answerUs;
    private UnansweredSend _toClient;
    private UnansweredSend _toUpstream;
    private long _answersCheckedMs;
    // To both sides, at the last poll; 0: there is none to come until something is sent.
    private long _unacknowledgedBytes;

    // At the end, of those that are looked at.
    private PathState? _clientPath, _upstreamPath;

    // Flushing.
    private EndParty _brokenParty;
    private long _stallDueMs;

    public Session(LoopContext context)
    {
        _context = context;
        TryReset();
    }

    /// <summary>The progress of the upstream's first answer, as long as its acknowledgements wait.</summary>
    private enum AnswerWatch : byte
    {
        /// <summary>It is over, or of no interest.</summary>
        Off,

        /// <summary>Nothing has come yet.</summary>
        Awaited,

        /// <summary>A first piece has come, and nothing was sent since.</summary>
        Begun,
    }

    /// <summary>The links of the list of live sessions; the context's.</summary>
    internal Session? NextLive { get; set; }

    internal Session? PreviousLive { get; set; }

    public ILoopItem? NextQueued { get; set; }

    internal SessionState State => _state;

    /// <summary>Whether bytes are relayed between a client and an upstream.</summary>
    private bool HasTwoEnds => _state is SessionState.Relaying or SessionState.Flushing;

    /// <summary>Begins with a client that the guard has allowed.</summary>
    /// <param name="listener">The listener that accepted the client.</param>
    /// <param name="service">The session's own, because the listener may later serve another one.</param>
    /// <param name="buffers">The service's part of the loop's buffers.</param>
    /// <param name="connection">The client's.</param>
    /// <param name="ticket">Where the guards have counted the client.</param>
    /// <param name="expectsHeader">Whether the client is a balancer, whose header comes first.</param>
    public void Begin(BoundListener listener, ServiceState service, BufferShare buffers, in AcceptedConnection connection,
        in GuardTicket ticket, bool expectsHeader)
    {
        _ticket = ticket;
        _listener = listener;
        _serviceState = service;
        _service = service.Definition;
        _buffers = buffers;
        Id = _context.NextSessionId();
        _peer = connection.Peer;
        _startedUs = _context.Loop.NowUs;
        _startedUtcTicks = _context.Records is null ? 0 : _context.Loop.UtcNow.UtcTicks;
        _connectUs = -1;
        // Before anything can fail: from here on it is closed like any other session, and its counts are returned.
        Become(SessionState.Accepted);
        _client = connection.Stream;
        _client.Adopt(this);
        _context.Add(this);
        if (_context.Steps.Rules is { } rules) BeginSteps(rules);
        Act(expectsHeader ? BeginHeader() : BeginConnect(forwarded: null));
    }

    /// <summary>The only place where the state changes.</summary>
    /// <exception cref="InvalidOperationException">The transition is illegal: a defect, which costs this session and no other.</exception>
    private void Become(SessionState next)
    {
        if (!_state.CanBecome(next)) throw new InvalidOperationException($"a session that was {_state} cannot become {next}");
        _state = next;
    }

    /// <summary>The last step of each call from outside.</summary>
    private void Act(in StepResult step)
    {
        if (step.IsEnd) End(step.Reason, step.Reset);
    }

    /// <summary>
    /// Before a deadline closes anything, the socket is polled: an event that the kernel has and has not delivered yet is not late. Once
    /// for each deadline, so that a peer that sends a byte just before each of them gains <see cref="GraceMs"/> and no more.
    /// </summary>
    /// <param name="deadlineMs">The deadline that has passed.</param>
    /// <param name="hasCome">Whether the socket has what the session waits for.</param>
    private bool TryPutOff(long deadlineMs, bool hasCome)
    {
        if (!hasCome) return false;
        // Another event may have set the timer again: the time that was given is given all the same.
        if (!IsPutOff(deadlineMs)) (_deadlinePutOffMs, _putOffUntilMs) = (deadlineMs, _context.Loop.NowMs + GraceMs);
        else if (_context.Loop.CoarseNowMs >= _putOffUntilMs) return false;
        _context.Loop.Timers.Schedule(this, _putOffUntilMs);
        return true;
    }

    private bool IsPutOff(long deadlineMs) => _deadlinePutOffMs == deadlineMs;

    public override void OnTimer() => Act(_state switch
    {
        SessionState.ReadingHeader => OnHeaderTimeout(),
        SessionState.Connecting => OnConnectTimer(),
        SessionState.Relaying => OnRelayTimer(),
        SessionState.Flushing => OnFlushTimer(),
        _ => StepResult.Stay,
    });

    public void OnConnected(StreamSocket stream, SocketError error)
    {
        bool isElder = ReferenceEquals(stream, _elder?.Stream);
        Debug.Assert(_state == SessionState.Connecting && (isElder || ReferenceEquals(stream, _upstream)), "connected out of turn");
        try
        {
            Act(isElder ? OnElderCompleted(error) : OnAttemptCompleted(error));
        }
        catch (Exception fault)
        {
            // Here: the stream whose completion this is may be closed by now, and would not report it.
            _context.Loop.Metrics.CountFault(fault);
            OnFault(fault);
        }
    }

    public void OnReadable(StreamSocket stream, SocketError error)
    {
        if (_state == SessionState.ReadingHeader)
        {
            Act(OnHeaderReadable(error));
            return;
        }
        // A session that is given to the next upstream still waits for its client.
        if (_state == SessionState.Connecting && _fromClient.IsOpen) _fromClient.OnReadable(error);
        if (!HasTwoEnds) return;
        RelayDirection direction = ReferenceEquals(stream, _client) ? _fromClient : _fromUpstream;
        if (_answerWatch != AnswerWatch.Off) WatchAnswer(direction);
        direction.OnReadable(error);
        Act(Pump(direction));
    }

    public void OnSent(StreamSocket stream, SocketError error)
    {
        Debug.Assert(HasTwoEnds, "sent out of turn");
        RelayDirection direction = ReferenceEquals(stream, _client) ? _fromUpstream : _fromClient;
        direction.OnSent(error);
        Act(Pump(direction));
    }

    /// <summary>The turn that was given up comes back. It may find another session in the same object, which it then pumps once too
    /// often.</summary>
    public void Run()
    {
        _yielding = false;
        Continue();
    }

    public void OnBufferAvailable() => Continue();

    private void Continue() => Act(HasTwoEnds ? PumpBoth() : StepResult.Stay);

    long IBufferHolder.Id => Id;

    public bool GiveUpBuffer(long id)
    {
        if (Id != id || !HasTwoEnds) return false;
        EndByForce(EndParty.Proxy, EndCause.NoBuffer);
        return true;
    }

    public void OnStreamFault(StreamSocket stream, Exception fault) => OnFault(fault);

    public override void OnFault(Exception fault) => EndByForce(EndParty.Proxy, EndCause.Fault);

    /// <summary>Called by the pool. A turn that may still be on its way to this object stays marked.</summary>
    public bool TryReset()
    {
        Debug.Assert(_state == SessionState.Idle && !IsScheduled && _bufferWait is not { List: not null }, "returned while in use");
        _listener = null;
        _serviceState = null;
        _service = null;
        _buffers = null;
        _client = _upstream = null;
        _upstreamAddress = null;
        _proxiedTo = null;
        _clientPath = _upstreamPath = null;
        _attemptCount = 0;
        (_cursor, _attempt, _peer) = (default, default, default);
        (_retryDueMs, _awaitsElder, _replaced) = (0, false, 0);
        _failure = null;
        _toClient = _toUpstream = default;
        (_headerUs, _fruitlessReads, _deadlinePutOffMs) = (0, 0, 0);
        _unacknowledgedBytes = NotPolled;
        _headerError = ProxyDecodeError.None;
        _mode = HeaderMode.Raw;
        return true;
    }
}
