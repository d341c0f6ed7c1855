using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// One client connection and what it is joined to, from the accept to the record of its end. This file holds the fields and the
/// transitions; the steps of each state are in Session.Header.cs, Session.Connect.cs, Session.Relay.cs and Session.Close.cs.
/// Belongs to one loop and is used again. It owns the client stream and the upstream stream; closing them ends every call to it, so it
/// goes back to the pool at once, while the streams count their own operations down.
/// </summary>
internal sealed partial class Session : TimerNode, IStreamOwner, IBufferHolder, IDeferrable, IResettable
{
    /// <summary>
    /// How long what has come by a deadline may take to be told. It comes by the socket thread, which on a machine without idle processors is as late
    /// as the ticks are, and after a pause has a whole process to tell.
    /// </summary>
    internal const int GraceMs = 1_000;

    private readonly LoopContext _context;
    private readonly RelayDirection _fromClient = new();
    private readonly RelayDirection _fromUpstream = new();

    private SessionState _state;
    private bool _yielding;
    private bool _hasGrace;

    // Set from Begin to the end.
    private BoundListener? _listener;
    private ServiceState? _serviceState;
    private ServiceDefinition? _service;
    private BufferShare? _buffers;
    // Made when it first waits for a buffer. It is in the list of a share as long as it does, and leaves that at the end: the next session of this object may be another service's.
    private LinkedListNode<IBufferHolder>? _bufferWait;
    private StreamSocket? _client;
    private InetEndPoint _peer;
    private long _startedUs;
    private long _startedUtcTicks;

    // Set from Connecting on.
    private ForwardedEnds? _forwarded;
    private StreamSocket? _upstream;
    private UpstreamAddress? _upstreamAddress;
    private int _attemptCount;
    private Attempt _firstAttempt;
    private AttemptLog? _attemptLog;
    private FailoverCursor _cursor;
    private long _headerUs;
    private long _connectStartedUs;
    private long _connectUs;
    private long _attemptStartedUs;

    // Set from Relaying on.
    private HeaderMode _mode;
    private long _lastActivityMs;
    private EndParty _endedFirst;
    // What counts the session as one of the upstream's; null as long as nothing does.
    private UpstreamActivity? _joined;
    private bool _headerPending;
    private bool _isGuarded;
    private AnswerWatch _answerWatch;
    private long _answerUs;

    public Session(LoopContext context)
    {
        _context = context;
        TryReset();
    }

    /// <summary>How far the upstream's first answer has come, as long as its acknowledgements wait.</summary>
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

    /// <summary>Whether it is in that list.</summary>
    internal bool IsLive { get; set; }

    public ILoopItem? NextQueued { get; set; }

    internal SessionState State => _state;

    /// <summary>Whether it owns the client's stream.</summary>
    internal bool HasClient => _client is not null;

    /// <summary>Begins with a client that the guard has allowed.</summary>
    /// <param name="listener">What the client came through.</param>
    /// <param name="service">Its own, and not its listener's: that may come to serve another one.</param>
    /// <param name="buffers">The service's part of the loop's buffers.</param>
    /// <param name="connection">The client's.</param>
    /// <param name="expectsHeader">Whether the client is a balancer, whose header comes first.</param>
    public void Begin(BoundListener listener, ServiceState service, BufferShare buffers, in AcceptedConnection connection, bool expectsHeader)
    {
        Debug.Assert(_state == SessionState.Idle, "begun twice");
        _listener = listener;
        _serviceState = service;
        _service = service.Definition;
        _buffers = buffers;
        Id = _context.NextSessionId();
        _peer = connection.Peer;
        _startedUs = _context.Loop.NowUs;
        _startedUtcTicks = _context.Records is null ? 0 : _context.Loop.UtcNow.UtcTicks;
        _connectUs = -1;
        // Before anything can fail: from here on it is ended like any other, and what was counted for it is given back.
        _state = expectsHeader ? SessionState.ReadingHeader : SessionState.Connecting;
        _client = _context.Transport.Adopt(connection, this);
        _context.Add(this);
        if (expectsHeader) BeginHeader();
        else BeginConnect(forwarded: null);
    }

    /// <summary>
    /// Before a deadline ends anything, the socket is looked at: what has come and was only not told yet is not late. Once for each deadline, so that one who
    /// sends a byte just before each of them gains <see cref="GraceMs"/> and no more.
    /// </summary>
    /// <param name="hasCome">Whether the socket has what the session waits for.</param>
    private bool TryGrace(bool hasCome)
    {
        if (_hasGrace || !hasCome) return false;
        _hasGrace = true;
        return true;
    }

    public override void OnTimer()
    {
        switch (_state)
        {
            case SessionState.ReadingHeader:
                OnHeaderTimeout();
                break;
            case SessionState.Connecting:
                OnConnectTimer();
                break;
            case SessionState.Relaying:
                OnRelayTimer();
                break;
        }
    }

    public void OnConnected(StreamSocket stream, SocketError error)
    {
        Debug.Assert(_state == SessionState.Connecting && ReferenceEquals(stream, _upstream), "connected out of turn");
        try
        {
            OnAttemptCompleted(error);
        }
        catch (Exception fault)
        {
            // Here: the stream whose completion this is may be closed by now, and would tell nobody.
            _context.Loop.Counters.CountFault(fault);
            OnFault(fault);
        }
    }

    public void OnReadable(StreamSocket stream, SocketError error)
    {
        switch (_state)
        {
            case SessionState.ReadingHeader:
                OnHeaderReadable(error);
                break;
            case SessionState.Relaying:
                RelayDirection direction = ReferenceEquals(stream, _client) ? _fromClient : _fromUpstream;
                if (_answerWatch != AnswerWatch.Off) WatchAnswer(direction);
                direction.OnReadable(error);
                Pump(direction);
                break;
        }
    }

    public void OnSent(StreamSocket stream, SocketError error)
    {
        Debug.Assert(_state == SessionState.Relaying, "sent out of turn");
        RelayDirection direction = ReferenceEquals(stream, _client) ? _fromUpstream : _fromClient;
        direction.OnSent(error);
        Pump(direction);
    }

    /// <summary>The turn that was given up comes back. It may find another session in the same object, for which it is one look too many.</summary>
    public void Run()
    {
        _yielding = false;
        PumpBoth();
    }

    void IThreadPoolWorkItem.Execute() => _context.Loop.Dispatch(this);

    public void OnBufferAvailable() => PumpBoth();

    long IBufferHolder.Id => Id;

    public bool GiveUpBuffer(long id)
    {
        if (Id != id || _state != SessionState.Relaying) return false;
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
        _joined = null;
        _attemptCount = 0;
        _cursor = default;
        _peer = default;
        _headerPending = _headerWaits = _isGuarded = _isBroken = _looksAfterBlocked = _hasGrace = false;
        _looksForAnswers = true;
        _retryDueMs = 0;
        _lack = AttemptOutcome.Connected;
        _toClient = _toUpstream = default;
        _headerUs = 0;
        _fruitlessLooks = 0;
        _unsentBytes = -1;
        _headerError = ProxyDecodeError.None;
        _mode = HeaderMode.Raw;
        return true;
    }
}
