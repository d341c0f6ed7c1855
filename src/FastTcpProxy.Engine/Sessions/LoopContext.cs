using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// What the sessions and listeners of one loop share: the loop, its transport, the pool and the list of live sessions, the ring of records.
/// Belongs to that loop; the limits are the process's.
/// </summary>
internal sealed class LoopContext
{
    /// <summary>Idle sessions that are kept for the next clients; others are left to the collector.</summary>
    private const int SessionsRetainedMax = 16_384;

    /// <summary>Sessions that may have two attempts in flight are at most this part of the capacity.</summary>
    private const int RivalsOneIn = 16;

    /// <summary>Of a session's number: enough for <see cref="EngineOptions.ThreadsMax"/> loops.</summary>
    private const int LoopIndexBits = 8;

    private Session? _live;
    private long _sessions;
    private readonly Dictionary<ServiceState, BufferShare> _buffers = [];
    private readonly LoopPool<ParkedAttempt> _parked;

    public LoopContext(EventLoop loop, ITransport transport, SessionLimits limits, SessionRecordRing? records,
        SessionIds ids)
    {
        Loop = loop;
        Transport = transport;
        Limits = limits;
        Records = records;
        Ids = ids;
        Pool = new LoopPool<Session>(() => new Session(this), SessionsRetainedMax);
        AttemptLogs = new LoopPool<AttemptLog>(() => new AttemptLog(), SessionsRetainedMax);
        ForwardedEnds = new LoopPool<ForwardedEnds>(() => new ForwardedEnds(), SessionsRetainedMax);
        _parked = new LoopPool<ParkedAttempt>(() => new ParkedAttempt(), SecondAttempts.DescriptorsMax);
        Evidence = new ConnectEvidence(this);
        Observers = new ConnectObservers(this);
        loop.Buffers.WhileShort += new BufferRelief(this).OnTick;
        loop.AfterTick += OnTick;
    }

    public EventLoop Loop { get; }

    public ITransport Transport { get; }

    public SessionLimits Limits { get; }

    /// <summary>Where ended sessions are reported; null when they are not recorded.</summary>
    public SessionRecordRing? Records { get; }

    /// <summary>What sessions are called outside the process. The process's.</summary>
    public SessionIds Ids { get; }

    /// <summary>Whose sessions tell their steps; the process's.</summary>
    public StepTracing Steps { get; init; } = new();

    /// <summary>What judges clients; the process's.</summary>
    public GuardState Guards { get; init; } = new();

    public LoopPool<Session> Pool { get; }

    /// <summary>For what few sessions need.</summary>
    public LoopPool<AttemptLog> AttemptLogs { get; }

    public LoopPool<ForwardedEnds> ForwardedEnds { get; }

    /// <summary>Loops of the process.</summary>
    public int Loops { get; init; } = 1;

    /// <summary>What connects say of their upstreams.</summary>
    public ConnectEvidence Evidence { get; }

    /// <summary>Attempts that are watched after their sessions have given them up.</summary>
    public ConnectObservers Observers { get; }

    /// <summary>Sessions that have two attempts in flight.</summary>
    public int Rivals => _parked.Rented;

    /// <summary>Whether one more session may have two attempts in flight.</summary>
    public bool HasRoomForRival =>
        Rivals < Math.Max(Math.Min(SecondAttemptDescriptors - (ObserversMax * Loops), Limits.Capacity / RivalsOneIn) / Loops, 1);

    /// <summary>Observers that this loop may have: its part of those of the process, at least one.</summary>
    public int ObserversMax => Math.Max(Math.Min(SecondAttempts.ObserversMax, SecondAttemptDescriptors / 4) / Loops, 1);

    /// <summary>Descriptors of the process for second attempts and observers.</summary>
    public int SecondAttemptDescriptors { get; init; } = SecondAttempts.DescriptorsMax;

    /// <summary>Live sessions of this loop.</summary>
    public int LiveCount { get; private set; }

    /// <summary>The session that began last; the others follow by <see cref="Session.NextLive"/>.</summary>
    public Session? Latest => _live;

    /// <summary>Those that are under way, mostly none.</summary>
    public List<SessionWalk> Walks { get; } = [];

    /// <summary>Set when a session took a spare descriptor: listeners stop until it is back.</summary>
    public bool DescriptorsExhausted { get; set; }

    public void Add(Session session)
    {
        session.NextLive = _live;
        session.PreviousLive = null;
        if (_live is not null) _live.PreviousLive = session;
        _live = session;
        LiveCount++;
    }

    public void Remove(Session session)
    {
        // A session that failed before it was added.
        if (session.PreviousLive is null && !ReferenceEquals(_live, session)) return;
        if (Walks.Count > 0) StepOver(session);
        if (session.PreviousLive is null) _live = session.NextLive;
        else session.PreviousLive.NextLive = session.NextLive;
        if (session.NextLive is not null) session.NextLive.PreviousLive = session.PreviousLive;
        session.NextLive = session.PreviousLive = null;
        LiveCount--;
    }

    /// <summary>Ends every session that lives now by a reset, a few in each turn. Inside the loop.</summary>
    /// <param name="party">Who ends them.</param>
    /// <param name="cause">Why.</param>
    /// <param name="done">Called inside the loop with how many there were, when all are ended.</param>
    public void EndAll(EndParty party, EndCause cause, Action<int>? done = null)
    {
        Loop.Dispatch(new SessionSweep(this, _ => true, party, cause, count =>
        {
            // Here: a session that was still connecting may have left an attempt to be watched.
            Observers.EndAll();
            done?.Invoke(count);
        }));
    }

    /// <summary>Keeps an attempt in flight while its session makes another one.</summary>
    public ParkedAttempt Park(in ConnectAttempt attempt, StreamSocket stream, UpstreamAddress address, bool isHedged)
    {
        ParkedAttempt parked = _parked.Get();
        parked.Attempt = attempt;
        (parked.Stream, parked.Address, parked.IsHedged) = (stream, address, isHedged);
        return parked;
    }

    public void Return(ParkedAttempt parked) => _parked.Return(parked);

    /// <summary>The number of the next session: unique in the process without a step that the loops share.</summary>
    public long NextSessionId() => (++_sessions << LoopIndexBits) | (uint)Loop.Index;

    /// <summary>Which of its loop's clients a session has, counted from 1.</summary>
    public static long OrderOf(long sessionId) => sessionId >> LoopIndexBits;

    /// <summary>The service's share of this loop's buffers, for one more of its listeners.</summary>
    public BufferShare OpenBuffers(ServiceState service)
    {
        if (_buffers.TryGetValue(service, out BufferShare? share)) share.Users++;
        else _buffers.Add(service, share = Loop.Buffers.Shares.Open());
        return share;
    }

    /// <summary>One of the service's listeners has closed.</summary>
    public void CloseBuffers(ServiceState service)
    {
        BufferShare share = _buffers[service];
        if (share.Users > 1)
        {
            share.Users--;
            return;
        }
        _buffers.Remove(service);
        Loop.Buffers.Shares.Close(share);
    }

    /// <summary>A record of the service was dropped, because the log does not keep up.</summary>
    public void CountDropped(ServiceState service)
    {
        Loop.Metrics.Counts.RecordsDropped++;
        Loop.Metrics.Service(service.Number).RecordsDropped++;
    }

    private void OnTick()
    {
        Loop.Metrics.Counts.PipesFree = Transport.Pipes.Free;
        Loop.Metrics.Counts.SocketsRecycled = Transport.SocketsRecycled;
        Loop.Metrics.Counts.Rivals = Rivals;
        Loop.Metrics.Counts.Observers = Observers.Count;
    }

    private void StepOver(Session session)
    {
        foreach (SessionWalk walk in Walks) walk.OnRemove(session);
    }
}
