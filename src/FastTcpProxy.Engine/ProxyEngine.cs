using System.Collections.Immutable;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine;

/// <summary>
/// The engine: its loops, their ticker, and the listeners. Made once, started once, drained, disposed. Its members may be called from any
/// thread, but not from two at once. They reach a loop by posting to it. <see cref="SocketRuntime.Configure"/> must have been called before
/// the process had its first socket.
/// </summary>
public sealed partial class ProxyEngine : IDisposable
{
    /// <summary>The most sessions that are listed at once.</summary>
    public const int SessionsListedMax = 1000;

    /// <summary>How long a dispose waits until the loops have closed their sessions and everything that they own.</summary>
    public static readonly TimeSpan DisposeWait = TimeSpan.FromSeconds(5);

    private readonly LoopContext[] _contexts;
    private readonly ListenerSet _listeners;
    private readonly SessionLimits _limits;
    private readonly ILoopDriver _driver;
    private readonly MetricsRegistry _registry;
    private readonly int _keptDescriptors;
    private int _openBeside;
    private LoopHeartbeat? _heartbeat;
    private bool _disposed;

    /// <param name="options">The settings of the engine.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="background">Runs the ticker; null: counted nowhere else.</param>
    public ProxyEngine(EngineOptions options, TimeProvider? time = null, BackgroundWork? background = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, EngineOptions.ThreadsMax);
        Options = options;
        _registry = MakeRegistry(options.Threads);
        Metrics = new MetricsReader(_registry);
        (long softBefore, long hard, long now) = DescriptorLimit.Raise();
        Descriptors = new DescriptorReport(softBefore, hard, now,
            DescriptorLimit.SessionCapacity(now, DescriptorLimit.CountOpen() + options.DescriptorsReserved));
        int recycled = DescriptorLimit.RecycledPerLoop(Descriptors.SessionCapacity, options.Threads);
        _keptDescriptors = recycled * options.Threads + options.DescriptorsReserved;
        _limits = new SessionLimits(options.SessionsMax, Descriptors.SessionCapacity);
        Budget = new BufferBudget(options.BufferBytesMax > 0 ? options.BufferBytesMax : BufferBudget.DefaultBytesMax(options.Threads));
        Steps = new StepTracing(options.Threads);
        Guards = new GuardState(options.SourcesMax);
        _contexts = new LoopContext[options.Threads];
        ITransportFactory transports = SocketRuntime.CreateTransports(options);
        _driver = transports.CreateDriver(background ?? new BackgroundWork());
        for (int i = 0; i < options.Threads; i++)
        {
            EventLoop loop = new(i, time ?? TimeProvider.System, new SlabBufferPool(Budget, options.Threads), _registry.Loops[i], _driver);
            _contexts[i] = new LoopContext(loop, transports.Create(loop, recycled), _limits,
                options.RecordSessions ? new SessionRecordRing() : null, SessionIds)
            {
                Steps = Steps, Guards = Guards, Loops = options.Threads, SecondAttemptDescriptors = options.SecondAttemptDescriptors,
            };
        }
        _listeners = new ListenerSet(_contexts, transports);
        TransportTrouble = transports.Trouble;
        Records = options.RecordSessions ? [.. _contexts.Select(c => c.Records!)] : [];
    }

    public EngineOptions Options { get; }

    /// <summary>What makes the engine slower than it should be, for operators; null: nothing.</summary>
    public string? TransportTrouble { get; }

    /// <summary>What the process was given of descriptors.</summary>
    public DescriptorReport Descriptors { get; private set; }

    public BufferBudget Budget { get; }

    /// <summary>All that is counted. Any thread but a loop.</summary>
    public MetricsReader Metrics { get; }

    /// <summary>The ended sessions of each loop; empty when they are not recorded. Each ring has one reader.</summary>
    public ImmutableArray<SessionRecordRing> Records { get; }

    /// <summary>The ids of the sessions of this process.</summary>
    public SessionIds SessionIds { get; } = SessionIds.Random();

    /// <summary>Whose sessions tell their steps, and where these come out.</summary>
    public StepTracing Steps { get; }

    /// <summary>What the guards have counted and what they were told at run time.</summary>
    public GuardState Guards { get; }

    /// <summary>Sessions of the process now.</summary>
    public int Sessions => _limits.Sessions.Current;

    /// <summary>Listeners whose socket failed for good at some time, and whether they are open again. Any thread.</summary>
    public ImmutableArray<ListenerLoss> ListenerLosses => _listeners.Losses;

    /// <summary>Listening UNIX sockets that no client finds, because their files were removed or replaced. Asks the file system: any thread
    /// but a loop.</summary>
    public ImmutableArray<StraySocket> StraySockets => _listeners.Strays;

    /// <summary>
    /// What a new process needs to continue listening where this one does: for each address the descriptors in the order of the loops. They
    /// belong to this process, and are valid until it stops listening.
    /// </summary>
    public ImmutableArray<ListenerDescriptors> Listeners => _listeners.Descriptors;

    /// <summary>Binds all addresses, then begins to accept on all of them: either every one is had, or none is touched.</summary>
    /// <param name="services">What is to be served.</param>
    /// <param name="inherited">Sockets of another process, used where the address is the same; the others are closed.</param>
    /// <exception cref="BindException">At least one address cannot be bound; the message names every such address.</exception>
    public void Start(IReadOnlyList<ListenPlan> services, InheritedListeners? inherited = null)
    {
        using ListenerChange change = Prepare(services, inherited);
        // Counted now, with every listener open.
        _openBeside = DescriptorLimit.CountOpen() + _keptDescriptors - change.Sockets;
        _driver.Start([.. _contexts.Select(c => c.Loop)]);
        Commit(change, resetRemoved: false);
    }

    /// <summary>
    /// Binds the addresses that are not listened on yet, and does nothing else: either every one is had, or none is touched.
    /// Addresses that stay are those that are equal (<see cref="ListenAddress.Equals(ListenAddress)"/>).
    /// </summary>
    /// <param name="services">All that is to be served from then on.</param>
    /// <param name="inherited">Sockets of another process, used where the address is the same. Disposed: the others are closed.</param>
    /// <returns>The change, to be committed or disposed.</returns>
    /// <exception cref="BindException">At least one address cannot be bound; the message names every such address.</exception>
    public ListenerChange Prepare(IReadOnlyList<ListenPlan> services, InheritedListeners? inherited = null)
    {
        CountIn(services);
        return _listeners.Prepare(services, inherited);
    }

    /// <summary>
    /// Gives services their numbers, as <see cref="Prepare"/> does: entries of one service are put in force by its number, and must be so
    /// before its first client comes.
    /// </summary>
    public void CountIn(IReadOnlyList<ListenPlan> services)
    {
        ArgumentNullException.ThrowIfNull(services);
        foreach (ListenPlan service in services) service.State.CountIn(_registry, Guards);
    }

    /// <summary>
    /// Which addresses <see cref="Prepare"/> could not have now. Listens nowhere. One thread at a time, and none beside a change.
    /// </summary>
    public ImmutableArray<BindFailure> Try(IReadOnlyList<ListenPlan> services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return _listeners.Try(services);
    }

    /// <summary>
    /// Puts a prepared change in force. Listeners that stay are not touched but for the service that their next client is given to; new
    /// ones begin; the others serve what is in the kernel's queue, then close. Sessions continue, and keep the service that they began
    /// with.
    /// </summary>
    /// <param name="change">From <see cref="Prepare"/>, with no other commit in between.</param>
    /// <param name="resetRemoved">Whether listeners that are removed close at once, and the sessions that came through them are reset, a
    /// few at a time.</param>
    /// <exception cref="InvalidOperationException">The change is out of date, or done already.</exception>
    public void Commit(ListenerChange change, bool resetRemoved)
    {
        ArgumentNullException.ThrowIfNull(change);
        _listeners.Commit(change, resetRemoved);
        _registry.Settle();
        Descriptors = Descriptors
            with { SessionCapacity = DescriptorLimit.SessionCapacity(Descriptors.Limit, _openBeside + _listeners.Sockets) };
        _limits.Capacity = Descriptors.SessionCapacity;
    }

    /// <summary>
    /// The process that has passed its sockets (<see cref="InheritedListeners"/>) has let go of them, so they end like those that were
    /// bound here: no client is reset by a change of addresses. Does not concern <see cref="ListenerDescriptors.KeepsFile"/>.
    /// </summary>
    public void ClaimListeners() => _listeners.Claim();

    /// <summary>Stops listening on every address. Sessions continue.</summary>
    public void StopAccepting() => _listeners.Close();

    /// <summary>
    /// Stops listening on every address for a process that continues with the same sockets (<see cref="Listeners"/>): it sees nothing of
    /// it, their queues and the files of UNIX sockets stay. Sessions continue.
    /// </summary>
    public void ReleaseListeners() => _listeners.Release();

    /// <summary>
    /// Stops listening on every address because the process that has passed its sockets continues itself: those are left as by
    /// <see cref="ReleaseListeners"/>, and what was bound here beside them is closed, with the files of UNIX sockets. Sessions continue.
    /// </summary>
    public void GiveBackListeners() => _listeners.GiveBack();

    /// <summary>Changes <see cref="EngineOptions.SessionsMax"/>; sessions beyond it that are open already continue.</summary>
    /// <param name="sessionsMax">0: no limit but what descriptors allow.</param>
    public void SetSessionsMax(int sessionsMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sessionsMax);
        _limits.SessionsMax = sessionsMax;
    }

    /// <summary>
    /// Calls back each time all loops have shown that they are alive: for a watchdog. Once; lasts as long as the engine.
    /// </summary>
    /// <param name="every">How often each loop shows it, to a tick of 20 ms. Between two calls lies less than twice this time.</param>
    /// <param name="allAlive">Runs inside a loop: must not block.</param>
    public void StartHeartbeat(TimeSpan every, Action allAlive)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, TimeSpan.FromMilliseconds(TimerWheel.TickMs));
        ArgumentNullException.ThrowIfNull(allAlive);
        if (_heartbeat is not null) throw new InvalidOperationException("the heartbeat is started already");
        _heartbeat = new LoopHeartbeat([.. _contexts.Select(c => c.Loop)], every, allAlive);
    }

    /// <summary>
    /// Stops listening, resets what is left, waits until the loops have closed what they own, for <see cref="DisposeWait"/> at most, and
    /// stops the clock. A loop that hangs keeps its own.
    /// </summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _heartbeat?.Stop();
        StopAccepting();
        // Not disposed: a loop that hangs may still come to it.
        CountdownEvent open = new(_contexts.Length);
        foreach (LoopContext context in _contexts)
        {
            context.Loop.Dispatch(new LoopCommand(() => context.EndAll(EndParty.Operator, EndCause.Drained, _ =>
            {
                try
                {
                    context.Transport.Close();
                }
                finally
                {
                    open.Signal();
                }
            })));
        }
        open.Wait(DisposeWait);
        _driver.Dispose();
        _registry.Close();
    }
}
