using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Loop;

/// <content>What a tick does: the clock, the timers that are due, and what follows a gap.</content>
internal sealed partial class EventLoop
{
    /// <summary>Lets the timers run. Any thread; a tick that is still waiting in the mailbox is not queued twice.</summary>
    public void Tick()
    {
        bool isOccupied = !ReferenceEquals(Volatile.Read(ref _mailbox), Vacant);
        if (Interlocked.Exchange(ref _tick.Queued, 1) != 0) return;
        _tick.FoundOccupied = isOccupied;
        Dispatch(_tick);
    }

    private void OnTick()
    {
        bool isGap = _clock.Tick();
        Volatile.Write(ref _ticks, _ticks + 1);
        // Not twice in a row: timers must also run on a machine on which every tick is that late.
        _isFirstAfterGap = isGap && !_isFirstAfterGap;
        if (!_isFirstAfterGap) _dueTimers.Advance();
        Buffers.OnTick();
        if (isGap) AfterGap?.Invoke();
        AfterTick?.Invoke();
        Measure();
    }

    /// <summary>
    /// How late the tick is, and how much of the time since the last one a thread was inside: all of it, or nothing, by what the ticker
    /// found. Over many ticks that is the share.
    /// </summary>
    private void Measure()
    {
        long nowUs = NowUs, sinceUs = _ticks == 1 ? TimerWheel.TickMs * 1000 : nowUs - _tickedUs;
        _tickedUs = nowUs;
        ref LoopCounts counts = ref Metrics.Counts;
        counts.Lag.Add(sinceUs - TimerWheel.TickMs * 1000);
        if (_tick.FoundOccupied) counts.BusyUs += sinceUs;
        counts.Buffers = Buffers.Rented;
        counts.BufferBytes = Buffers.SlabBytes;
        counts.Slabs = Buffers.SlabBytes / BufferSlab.Bytes;
        counts.Timers = Timers.Count;
    }

    private sealed class TickItem(EventLoop loop) : ILoopItem
    {
        public int Queued;

        // Set by the ticker before it dispatches.
        public bool FoundOccupied;

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

    /// <summary>The timers that are due: some in this turn, the rest in later ones, so that many at once do not block the loop.</summary>
    private sealed class DueTimers(EventLoop loop) : ILoopItem
    {
        private bool _isDeferred;

        public ILoopItem? NextQueued { get; set; }

        public void Advance()
        {
            if (!loop.Timers.Advance(loop.CoarseNowMs) || _isDeferred) return;
            _isDeferred = true;
            loop.Defer(this);
        }

        public void Run()
        {
            _isDeferred = false;
            // A pause since the turn was given up: as at a tick, what the kernel has kept meanwhile comes first. The tick after the next
            // continues.
            if (!loop._isFirstAfterGap && !loop._clock.IsInGap) Advance();
        }

        public void OnFault(Exception fault)
        {
        }
    }
}
