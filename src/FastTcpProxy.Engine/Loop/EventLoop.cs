using System.Runtime.CompilerServices;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// One share-nothing part of the engine: its listeners, sessions, pools, buffers and timers are touched only from inside it.
/// A loop is not a thread but a serial executor. Completions arrive on whatever thread the runtime chose: the first one enters and runs,
/// one that finds the loop occupied leaves its item in the mailbox, and the thread that is inside runs it before it leaves.
/// So everything in a loop is plain single-threaded code, and where the runtime puts a socket matters for speed alone.
/// <see cref="Dispatch"/> may be called from any thread; all else only from inside.
/// </summary>
internal sealed partial class EventLoop
{
    /// <summary>How many items of other threads a thread runs before it leaves: some hundred microseconds of work.</summary>
    private const int LeftItemsMax = 32;

    // The mailbox: Vacant = no thread is inside; null = a thread is inside and nothing waits; else the newest waiting item.
    private static readonly ILoopItem Vacant = new VacantMark();
    private ILoopItem? _mailbox = Vacant;
    private readonly TickItem _tick;
    private readonly DueTimers _dueTimers;
    private readonly ILoopDriver _driver;

    // Items taken from the mailbox that have not run yet, oldest first; only the thread inside touches it.
    private ILoopItem? _left;
    private ILoopItem? _lastLeft;
    private LoopClock _clock;
    private long _ticks;
    private bool _isFirstAfterGap;
    private long _tickedUs;

    public EventLoop(int index, TimeProvider time, BufferPool buffers, LoopMetrics metrics, ILoopDriver driver)
    {
        Index = index;
        _driver = driver;
        _clock = new LoopClock(time);
        Buffers = buffers;
        Metrics = metrics;
        Timers = new TimerWheel(metrics);
        _tick = new TickItem(this);
        _dueTimers = new DueTimers(this);
    }

    /// <summary>The loop's number, from 0: also the index of the runtime's socket thread that it is meant to run on.</summary>
    public int Index { get; }

    public BufferPool Buffers { get; }
    public TimerWheel Timers { get; }

    /// <summary>What this loop counts.</summary>
    public LoopMetrics Metrics { get; }

    /// <summary>
    /// The loop's clock, in milliseconds: the time that the loop had. Every deadline uses it, so a gap of the process does not count as the
    /// silence of a peer. It stands still in a gap (<see cref="LoopClock.GapMs"/>) and never goes back. Inside the loop only.
    /// </summary>
    public long NowMs => ToMs(NowUs);

    /// <summary>
    /// <see cref="NowMs"/> at the last tick: no more than a tick old on a machine that keeps up, and up to <see cref="LoopClock.GapMs"/> on
    /// one that does not. Timers fire by it. No deadline is computed from it, because the deadline would be early by as much. Polls use it,
    /// because they promise nothing.
    /// </summary>
    public long CoarseNowMs => _clock.TickMs;

    /// <summary>
    /// Called inside the loop at the first tick after a gap. Deadlines are not acted on before the next tick: what the kernel has kept
    /// meanwhile comes first.
    /// </summary>
    public event Action? AfterGap;

    /// <summary>Called inside the loop at each tick, after the timers.</summary>
    public event Action? AfterTick;

    /// <summary>
    /// The wall clock at the last tick, in milliseconds since 1970: for what is noted of each connection and need not be exact.
    /// </summary>
    public long CoarseUtcMs => _clock.TickUtcMs;

    /// <summary>The monotonic clock that all loops share, in microseconds. Reads it.</summary>
    public long SharedUs => _clock.SharedUs;

    /// <summary>The monotonic clock at the last tick, in milliseconds: for what loops tell each other.</summary>
    public long CoarseSharedMs => _clock.TickSharedMs;

    /// <summary>How often the loop has ticked. Any thread may read it: a watchdog sees from it that the loop is alive.</summary>
    public long Ticks => Volatile.Read(ref _ticks);

    /// <summary>
    /// Microseconds since the loop was made, read from the clock now: for measurements, which count gaps too. Deadlines go by
    /// <see cref="NowMs"/>.
    /// </summary>
    public long NowUs => _clock.NowUs;

    /// <summary>
    /// The loop's clock at a moment since the last tick, given by what <see cref="NowUs"/> was then. Inside the loop only.
    /// </summary>
    public long ToMs(long nowUs) => _clock.ToMs(nowUs);

    /// <summary>The wall clock, for records only.</summary>
    public DateTimeOffset UtcNow => _clock.UtcNow;

    /// <summary>
    /// Runs the item inside the loop: at once on this thread when the loop is vacant, otherwise soon on the thread that is inside. Never
    /// blocks and never allocates.
    /// </summary>
    public void Dispatch(ILoopItem item)
    {
        ILoopItem? seen = Volatile.Read(ref _mailbox);
        bool wasLinked = false;
        while (true)
        {
            if (ReferenceEquals(seen, Vacant))
            {
                // A full fence: what the last thread inside wrote is visible from here on.
                seen = Interlocked.CompareExchange(ref _mailbox, null, Vacant);
                if (!ReferenceEquals(seen, Vacant)) continue;
                // The item that it was linked to has its own place.
                if (wasLinked) item.NextQueued = null;
                EnterWith(item);
                return;
            }
            item.NextQueued = seen;
            wasLinked = true;
            ILoopItem? before = seen;
            seen = Interlocked.CompareExchange(ref _mailbox, item, before);
            if (ReferenceEquals(seen, before)) return;
        }
    }

    private void EnterWith(ILoopItem item)
    {
        // After the items that were left, so that items of one thread keep their order.
        if (_left is null) RunGuarded(item);
        else AppendLeft(item, item);
        Leave();
    }

    /// <summary>
    /// Runs the items that other threads have left, and leaves. After <see cref="LeftItemsMax"/> items the next thread that enters runs the
    /// rest: under load that is the loop's socket thread, at once; without load the driver gives a turn. Otherwise a ticker that entered a
    /// busy loop would stay in it.
    /// </summary>
    private void Leave()
    {
        for (int ran = 0; ; ran++)
        {
            if (_left is null && !TakeMail()) return;
            if (ran == LeftItemsMax) break;
            ILoopItem item = _left!;
            _left = item.NextQueued;
            item.NextQueued = null;
            RunGuarded(item);
        }
        Metrics.Counts.Turns++;
        // Fenced, as in TakeMail: the next thread that enters finds what is left.
        while (Interlocked.CompareExchange(ref _mailbox, Vacant, null) is not null) AppendMail();
        RequestTurn();
    }

    /// <summary>Takes the items of the mailbox, oldest first. With an empty mailbox the loop is vacant again, and this thread is no longer
    /// inside.</summary>
    private bool TakeMail()
    {
        // Fenced: all that was written inside is visible to the next thread that enters.
        if (Interlocked.CompareExchange(ref _mailbox, Vacant, null) is null) return false;
        AppendMail();
        return true;
    }

    private void AppendMail()
    {
        // Only the thread inside takes items out, so the list cannot change under the reversal.
        ILoopItem? newest = Interlocked.Exchange(ref _mailbox, null);
        ILoopItem? last = newest;
        ILoopItem? oldest = null;
        while (newest is not null)
        {
            ILoopItem? next = newest.NextQueued;
            newest.NextQueued = oldest;
            oldest = newest;
            newest = next;
        }
        AppendLeft(oldest, last);
    }

    private void AppendLeft(ILoopItem? first, ILoopItem? last)
    {
        if (_left is null) _left = first;
        else _lastLeft!.NextQueued = first;
        _lastLeft = last;
    }

    private void RunGuarded(ILoopItem item)
    {
        try
        {
            item.Run();
        }
        catch (Exception fault)
        {
            Metrics.CountFault(fault);
            Contain(item, fault);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Contain(ILoopItem item, Exception fault)
    {
        // A defect of one connection must not end the process, nor leave the loop occupied for ever.
        try
        {
            item.OnFault(fault);
        }
        catch (Exception second)
        {
            Metrics.CountFault(second);
        }
    }

    private sealed class VacantMark : ILoopItem
    {
        public ILoopItem? NextQueued { get; set; }

        public void Run() => throw new InvalidOperationException("a mark of the loop is not an item");

        public void OnFault(Exception fault)
        {
        }
    }
}
