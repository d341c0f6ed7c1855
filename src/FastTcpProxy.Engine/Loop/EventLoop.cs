using System.Runtime.CompilerServices;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// One share-nothing part of the engine: its listeners, sessions, pools, buffers and timers are touched only from inside it.
/// A loop is not a thread but a right of way. Completions arrive on whatever thread the runtime chose: the first one enters and runs,
/// one that finds the loop occupied leaves its item in the mailbox, and the thread that is inside runs it before it leaves.
/// So everything in a loop is plain single-threaded code, and where the runtime puts a socket matters for speed alone.
/// <see cref="Dispatch"/> may be called from any thread; all else only from inside.
/// </summary>
internal sealed class EventLoop
{
    // The mailbox: Vacant = nobody is inside; null = somebody is inside and nothing waits; else the newest waiting item.
    private static readonly ILoopItem Vacant = new VacantMark();
    private ILoopItem? _mailbox = Vacant;
    private readonly TickItem _tick;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly double _microsecondsPerStamp;

    public EventLoop(int index, TimeProvider time, BufferPool buffers, EngineCounters counters)
    {
        Index = index;
        _time = time;
        _origin = time.GetTimestamp();
        _microsecondsPerStamp = 1_000_000.0 / time.TimestampFrequency;
        Buffers = buffers;
        Counters = counters;
        Timers = new TimerWheel(counters);
        _tick = new TickItem(this);
    }

    /// <summary>The loop's number, from 0: also the index of the runtime's socket thread that it is meant to run on.</summary>
    public int Index { get; }

    public BufferPool Buffers { get; }

    public TimerWheel Timers { get; }

    /// <summary>This loop's own counters; others may read them.</summary>
    public EngineCounters Counters { get; }

    /// <summary>Milliseconds of the loop's clock at the last tick: no more than a tick old on a machine that keeps up.</summary>
    public long CoarseNowMs { get; private set; }

    /// <summary>How often the loop has ticked. Any thread may read it: a watchdog sees from it that the loop is alive.</summary>
    public long Ticks => Volatile.Read(ref _ticks);

    private long _ticks;

    /// <summary>Microseconds since the loop was made, read from the clock now.</summary>
    public long NowUs => (long)((_time.GetTimestamp() - _origin) * _microsecondsPerStamp);

    /// <summary>The wall clock, for records only.</summary>
    public DateTimeOffset UtcNow => _time.GetUtcNow();

    /// <summary>
    /// Runs the item inside the loop: at once on this thread when the loop is vacant, else soon on the thread that is inside.
    /// Never blocks and never allocates.
    /// </summary>
    public void Dispatch(ILoopItem item)
    {
        ILoopItem? seen = Volatile.Read(ref _mailbox);
        while (true)
        {
            if (ReferenceEquals(seen, Vacant))
            {
                // A full fence: what the last thread inside wrote is visible from here on.
                seen = Interlocked.CompareExchange(ref _mailbox, null, Vacant);
                if (!ReferenceEquals(seen, Vacant)) continue;
                RunGuarded(item);
                Leave();
                return;
            }
            item.NextQueued = seen;
            ILoopItem? before = seen;
            seen = Interlocked.CompareExchange(ref _mailbox, item, before);
            if (ReferenceEquals(seen, before)) return;
        }
    }

    /// <summary>Lets the timers run. Any thread; a tick that is still waiting in the mailbox is not queued twice.</summary>
    public void Tick()
    {
        if (Interlocked.Exchange(ref _tick.Queued, 1) == 0) Dispatch(_tick);
    }

    private void Leave()
    {
        // Fenced: all that was written inside is visible to the next thread that enters.
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _mailbox, Vacant, null), null))
        {
            // Only the thread inside takes items out, so the list cannot change under the reversal.
            ILoopItem? newest = Interlocked.Exchange(ref _mailbox, null);
            ILoopItem? oldest = null;
            while (newest is not null)
            {
                ILoopItem? next = newest.NextQueued;
                newest.NextQueued = oldest;
                oldest = newest;
                newest = next;
            }
            while (oldest is not null)
            {
                ILoopItem item = oldest;
                oldest = item.NextQueued;
                item.NextQueued = null;
                RunGuarded(item);
            }
        }
    }

    private void RunGuarded(ILoopItem item)
    {
        try
        {
            item.Run();
        }
        catch (Exception fault)
        {
            Counters.CountFault(fault);
            Contain(item, fault);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Contain(ILoopItem item, Exception fault)
    {
        // One connection's defect must not take the process, nor leave the loop entered for ever.
        try
        {
            item.OnFault(fault);
        }
        catch (Exception second)
        {
            Counters.CountFault(second);
        }
    }

    private void OnTick()
    {
        CoarseNowMs = NowUs / 1000;
        Volatile.Write(ref _ticks, _ticks + 1);
        Timers.Advance(CoarseNowMs);
        Buffers.OnTick();
    }

    private sealed class TickItem(EventLoop loop) : ILoopItem
    {
        public int Queued;

        public ILoopItem? NextQueued { get; set; }

        public void Run()
        {
            Volatile.Write(ref Queued, 0);
            loop.OnTick();
        }

        public void OnFault(Exception fault)
        {
        }
    }

    private sealed class VacantMark : ILoopItem
    {
        public ILoopItem? NextQueued { get; set; }

        public void Run() => throw new InvalidOperationException("the mark of a vacant loop is not an item");

        public void OnFault(Exception fault)
        {
        }
    }
}
