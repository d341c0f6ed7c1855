using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Memory;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// A whole simulation: one loop of the engine on a simulated transport, a clock that jumps from event to event, and one source of chance.
/// The same seed gives the same run. One thread; it owns all that it holds.
/// </summary>
internal sealed class SimWorld : ILoopDriver
{
    /// <summary>How long after a pause the last of what was held is told.</summary>
    private const int ToldAfterMaxUs = 60_000;

    private readonly PriorityQueue<Action, (long AtUs, long Order)> _events = new();
    private readonly List<Action> _held = [];
    private readonly Random _random;
    private long _order;

    public SimWorld(int seed, SimFaults? faults = null, SessionLimits? limits = null, double refusals = 0, BufferArena? arena = null,
        SpliceTerms? spliceTerms = null, int secondAttempts = SecondAttempts.DescriptorsMax)
    {
        _random = new Random(seed);
        Faults = faults ?? SimFaults.None;
        Buffers = new DiagnosticBufferPool(_ => Chance(RefusalProbability), arena);
        RefusalProbability = refusals;
        Transports = new SimTransportFactory(this);
        Loop = new EventLoop(0, Clock, Buffers, Registry.Loops[0], Transports.CreateDriver(new BackgroundWork()));
        SpliceTerms = spliceTerms ?? SpliceTerms.Measured;
        Transport = (SimTransport)Transports.Create(Loop, recycledMax: 0);
        Limits = limits ?? new SessionLimits(0, 1_000_000);
        Context = new LoopContext(Loop, Transport, Limits, Records, new SessionIds(0x51)) { SecondAttemptDescriptors = secondAttempts };
        ScheduleTick();
    }

    public SimClock Clock { get; } = new();

    public SimFaults Faults { get; set; }

    /// <summary>Whether the process is stopped.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>How often it was.</summary>
    public int Pauses { get; private set; }

    /// <summary>For how long in all, in microseconds.</summary>
    public long PausedUs { get; private set; }

    /// <summary>When splicing begins. Small ones let it begin with the few bytes that a simulated session moves.</summary>
    public SpliceTerms SpliceTerms { get; }

    /// <summary>How often the buffer pool says that its budget is used up.</summary>
    public double RefusalProbability { get; set; }

    public DiagnosticBufferPool Buffers { get; }

    /// <summary>What the loop counts.</summary>
    public MetricsRegistry Registry { get; } = MetricsRegistry.Small();

    public EventLoop Loop { get; }

    public SimTransportFactory Transports { get; }

    public SimTransport Transport { get; }

    public SessionLimits Limits { get; }

    public SessionRecordRing Records { get; } = new();

    public LoopContext Context { get; }

    /// <summary>A number from 0 to below <paramref name="exclusiveMax"/>.</summary>
    public int Next(int exclusiveMax) => _random.Next(exclusiveMax);

    public int Next(int min, int exclusiveMax) => _random.Next(min, exclusiveMax);

    public bool Chance(double probability) => probability > 0 && _random.NextDouble() < probability;

    /// <summary>How long the next segment takes, in microseconds.</summary>
    public long Latency() => Faults.LatencyMaxUs == 0 ? 0 : _random.Next(Faults.LatencyMaxUs);

    /// <summary>How long after its event the next completion comes, in microseconds.</summary>
    public long CompletionDelay() => Faults.CompletionDelayMaxUs == 0 ? 0 : _random.Next(Faults.CompletionDelayMaxUs);

    /// <summary>Does something later, outside of the loop; what is due at the same time keeps its order.</summary>
    public void Schedule(long delayUs, Action action) => _events.Enqueue(action, (Clock.NowUs + delayUs, _order++));

    /// <summary>Turns that the loop has asked for.</summary>
    public int Turns { get; private set; }

    public void Post(EventLoop loop)
    {
        Turns++;
        ScheduleInProcess(CompletionDelay(), loop.TakeTurn);
    }

    /// <summary>It ticks from its making on.</summary>
    public void Start(IReadOnlyList<EventLoop> loops)
    {
    }

    public void Dispose()
    {
    }

    /// <summary>Lets a completion into the loop after its delay.</summary>
    public void Complete(ILoopItem item) => ScheduleInProcess(CompletionDelay(), () => Loop.Dispatch(item));

    /// <summary>Does something later in the process: not before it continues, if it is stopped then.</summary>
    public void ScheduleInProcess(long delayUs, Action action) => Schedule(delayUs, () =>
    {
        if (IsPaused) _held.Add(action);
        else action();
    });

    /// <summary>
    /// Stops the process now, as SIGSTOP does: the clock, the kernel and the peers continue. When it continues, a tick may come before all
    /// that was held, and does as a rule.
    /// </summary>
    /// <param name="milliseconds">For how long.</param>
    /// <param name="toldAfterMs">How long after that the process hears of what the kernel has for it; at random when pauses are a fault of
    /// this world.</param>
    public void Pause(long milliseconds, int toldAfterMs = 0)
    {
        if (IsPaused) return;
        IsPaused = true;
        Pauses++;
        PausedUs += milliseconds * 1000;
        Schedule(milliseconds * 1000, () => Continue(toldAfterMs));
    }

    /// <summary>Does something inside the loop, now.</summary>
    public void InLoop(Action action) => Loop.Dispatch(new LoopCommand(action));

    public void RunFor(long milliseconds) => RunUntil(() => false, milliseconds);

    /// <summary>Runs until the condition holds; false when it did not within the time.</summary>
    public bool RunUntil(Func<bool> condition, long withinMs)
    {
        long endUs = Clock.NowUs + withinMs * 1000;
        while (!condition())
        {
            if (!_events.TryPeek(out _, out (long AtUs, long Order) next) || next.AtUs > endUs)
            {
                Clock.MoveTo(endUs);
                return condition();
            }
            Action action = _events.Dequeue();
            Clock.MoveTo(next.AtUs);
            action();
        }
        return true;
    }

    /// <summary>What is still held, in words; null when everything is back at zero and no fault was counted.</summary>
    public string? FindLeak()
    {
        if (Loop.Metrics.Counts.Faults > 0) return $"{Loop.Metrics.Counts.Faults} faults, the last: {Loop.Metrics.LastFault}";
        return FindHeld();
    }

    /// <summary>What is still held, in words, whether faults were counted or not.</summary>
    public string? FindHeld()
    {
        if (Context.LiveCount != 0 || Context.Pool.Rented != 0) return $"{Context.LiveCount} sessions live, {Context.Pool.Rented} rented";
        if (Context.Observers.Count != 0) return $"{Context.Observers.Count} attempts are observed";
        if (Context.Rivals != 0) return $"{Context.Rivals} attempts are parked";
        if (Limits.Sessions.Current != 0) return $"{Limits.Sessions.Current} sessions counted";
        if (Transport.OpenStreams != 0) return $"{Transport.OpenStreams} streams open or draining";
        if (Transport.Pipes.Rented != 0) return $"{Transport.Pipes.Rented} pipes kept";
        if (Buffers.Rented != 0) return $"{Buffers.Rented} buffers rented";
        if (Buffers.Out > 1) return $"{Buffers.Out} buffers out, of which one can be the receive buffer";
        if (Loop.Timers.Count != 0) return $"{Loop.Timers.Count} timers wait";
        return null;
    }

    private void ScheduleTick() => Schedule(TimerWheel.TickMs * 1000, () =>
    {
        if (Chance(Faults.Pause)) Pause(1 + _random.Next(Faults.PauseMaxMs));
        if (!IsPaused) Loop.Tick();
        ScheduleTick();
    });

    private void Continue(int toldAfterMs)
    {
        IsPaused = false;
        // The ticker and the socket threads wake together, and no one says who comes first.
        int before = _held.Count == 0 || Chance(0.7) ? 0 : _random.Next(_held.Count + 1);
        Action[] held = [.. _held];
        _held.Clear();
        foreach (Action action in held.Take(before)) action();
        Loop.Tick();
        // Each in a turn of its own, and ticks come between them.
        for (int i = before; i < held.Length; i++)
            ScheduleInProcess(Faults.Pause > 0 ? _random.Next(ToldAfterMaxUs) : toldAfterMs * 1000L, held[i]);
    }
}
