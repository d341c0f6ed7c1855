using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// All timers of one loop: a hashed wheel of <see cref="Slots"/> slots of <see cref="TickMs"/> milliseconds (Varghese and Lauck, scheme 6).
/// Scheduling and cancelling relink one node and allocate nothing; a timer that lies more than a turn ahead is visited once per turn. A
/// timer never fires early, and at most one tick after its time plus the lateness of the tick itself, unless more are due at once than a
/// turn fires. Belongs to one loop.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>The length of a tick in milliseconds: the accuracy of every timeout of the engine.</summary>
    public const int TickMs = 20;

    /// <summary>A power of two: one turn takes 20.48 seconds.</summary>
    public const int Slots = 1024;

    /// <summary>Timers that one <see cref="Advance"/> visits: some hundred microseconds of work.</summary>
    public const int VisitsPerTurn = 512;

    /// <summary>A timer that fires counts as this many visits: it may end a session, which takes some system calls.</summary>
    public const int VisitsPerFired = 8;

    private readonly Head[] _slots = new Head[Slots];
    private readonly Head _sweep = new();
    private readonly LoopMetrics _metrics;
    private long _tick;
    private long _target;
    private int _visitsLeft;

    /// <param name="metrics">Where timers and their faults are counted.</param>
    public TimerWheel(LoopMetrics metrics)
    {
        _metrics = metrics;
        for (int i = 0; i < Slots; i++) _slots[i] = new Head();
    }

    /// <summary>How many timers wait.</summary>
    public int Count { get; private set; }

    /// <summary>Sets the node's time, in milliseconds of the loop's clock; one that already waits is moved.</summary>
    public void Schedule(TimerNode node, long dueMs)
    {
        if (node.IsScheduled) Cancel(node);
        // Rounded up, and beyond the tick that was last swept: never early, never missed for a whole turn.
        node.DueTick = Math.Max((dueMs + TickMs - 1) / TickMs, _tick + 1);
        Link(_slots[node.DueTick & (Slots - 1)], node);
        Count++;
    }

    /// <summary>Like <see cref="Schedule"/>, but a node that is due sooner keeps its time.</summary>
    public void ScheduleBy(TimerNode node, long dueMs)
    {
        if (!node.IsScheduled || dueMs <= (node.DueTick - 1) * TickMs) Schedule(node, dueMs);
    }

    /// <summary>Takes the node out; one that does not wait stays as it is.</summary>
    public void Cancel(TimerNode node)
    {
        if (!node.IsScheduled) return;
        Unlink(node);
        Count--;
    }

    /// <summary>
    /// Fires the timers whose time is at or before <paramref name="nowMs"/>, the earliest first, as many as a turn may. A clock that went
    /// back fires nothing new.
    /// </summary>
    /// <returns>Whether some are left: then it must be called again, and continues where it stopped.</returns>
    public bool Advance(long nowMs)
    {
        _target = Math.Max(_target, nowMs / TickMs);
        _visitsLeft = VisitsPerTurn;
        if (!Sweep()) return true;
        while (_tick < _target)
        {
            // After a long halt of the machine one turn visits every slot; more turns would only visit them again.
            // Set before the slot is swept, so that what a timer schedules now lands ahead of the sweep.
            _tick = Math.Max(_tick + 1, _target - Slots + 1);
            Head slot = _slots[_tick & (Slots - 1)];
            if (ReferenceEquals(slot.Next, slot)) continue;
            // The whole slot moves aside first: a timer may cancel or reschedule any other while it runs.
            _sweep.TakeFrom(slot);
            if (!Sweep()) return true;
        }
        return false;
    }

    /// <summary>Fires the nodes that were moved aside from the slot of <see cref="_tick"/>. False: the turn ended before the last
    /// one.</summary>
    private bool Sweep()
    {
        while (!ReferenceEquals(_sweep.Next, _sweep))
        {
            if (_visitsLeft <= 0) return false;
            _visitsLeft--;
            TimerNode node = _sweep.Next!;
            Unlink(node);
            if (node.DueTick > _target)
            {
                Link(_slots[_tick & (Slots - 1)], node);
                continue;
            }
            _visitsLeft -= VisitsPerFired - 1;
            Count--;
            Fire(node);
        }
        return true;
    }

    private void Fire(TimerNode node)
    {
        _metrics.Counts.TimersFired++;
        try
        {
            node.OnTimer();
        }
        catch (Exception fault)
        {
            // Contained here, because otherwise the rest of the slot would be lost.
            _metrics.CountFault(fault);
            Contain(node, fault);
        }
    }

    private void Contain(TimerNode node, Exception fault)
    {
        try
        {
            node.OnFault(fault);
        }
        catch (Exception second)
        {
            _metrics.CountFault(second);
        }
    }

    private static void Link(Head head, TimerNode node)
    {
        node.Previous = head.Previous;
        node.Next = head;
        head.Previous!.Next = node;
        head.Previous = node;
    }

    private static void Unlink(TimerNode node)
    {
        node.Previous!.Next = node.Next;
        node.Next!.Previous = node.Previous;
        node.Previous = node.Next = null;
    }

    /// <summary>The fixed end of a slot's ring of nodes.</summary>
    private sealed class Head : TimerNode
    {
        public Head() => Previous = Next = this;

        public void TakeFrom(Head other)
        {
            Next = other.Next;
            Previous = other.Previous;
            Next!.Previous = this;
            Previous!.Next = this;
            other.Previous = other.Next = other;
        }

        public override void OnFault(Exception fault)
        {
        }

        public override void OnTimer() => throw new InvalidOperationException("the head of a slot is not a timer");
    }
}
