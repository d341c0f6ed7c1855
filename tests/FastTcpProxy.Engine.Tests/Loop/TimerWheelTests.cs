using CsCheck;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Loop;

/// <summary>The timer wheel against its promise: never early, at most one tick late, whatever is scheduled, moved and cancelled.</summary>
public sealed class TimerWheelTests
{
    private const int Tick = TimerWheel.TickMs;
    private const long Turn = (long)TimerWheel.TickMs * TimerWheel.Slots;

    private readonly LoopMetrics _metrics = MetricsRegistry.Small().Loops[0];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(Tick - 1, 1)]
    [InlineData(Tick, 1)]
    [InlineData(Tick + 1, 2)]
    [InlineData(10 * Tick, 10)]
    [InlineData(Turn, TimerWheel.Slots)]
    [InlineData(Turn + 1, TimerWheel.Slots + 1)]
    [InlineData(3 * Turn - 1, 3 * TimerWheel.Slots)]
    public void Schedule_AtTime_FiresAtTheFirstTickNotBeforeIt(long dueMs, long expectedTick)
    {
        TimerWheel wheel = new(_metrics);
        Node node = new();
        wheel.Schedule(node, dueMs);
        long tick = 0;
        while (node.Fired == 0) wheel.Advance(++tick * Tick);
        Assert.Equal(expectedTick, tick);
        Assert.Equal(0, wheel.Count);
        Assert.False(node.IsScheduled);
    }

    [Fact]
    public void Schedule_Again_MovesTheTimer()
    {
        TimerWheel wheel = new(_metrics);
        Node node = new();
        wheel.Schedule(node, 40);
        wheel.Schedule(node, 400);
        Assert.Equal(1, wheel.Count);
        wheel.Advance(380);
        Assert.Equal(0, node.Fired);
        wheel.Advance(400);
        Assert.Equal(1, node.Fired);
    }

    /// <summary>When it was due, by when it is to fire from now on, and when it does; 0: it does not wait.</summary>
    [Theory]
    [InlineData(0, 400, 400)]
    [InlineData(400, 40, 40)]
    [InlineData(40, 400, 40)]
    [InlineData(400, 401, 400)]
    [InlineData(400, 380, 380)]
    [InlineData(390, 381, 400)]
    public void ScheduleBy_NodeThatWaits_KeepsTheSoonerTime(long dueMs, long byMs, long firesAtMs)
    {
        TimerWheel wheel = new(_metrics);
        Node node = new();
        if (dueMs > 0) wheel.Schedule(node, dueMs);
        wheel.ScheduleBy(node, byMs);
        Assert.Equal(1, wheel.Count);
        wheel.Advance(firesAtMs - Tick);
        Assert.Equal(0, node.Fired);
        wheel.Advance(firesAtMs);
        Assert.Equal(1, node.Fired);
    }

    [Fact]
    public void Cancel_Twice_IsLikeOnce()
    {
        TimerWheel wheel = new(_metrics);
        Node node = new();
        wheel.Schedule(node, 40);
        wheel.Cancel(node);
        wheel.Cancel(node);
        wheel.Advance(10 * Turn);
        Assert.Equal(0, node.Fired);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void OnTimer_CancelsAnotherOfTheSameSlot_ThatOneDoesNotFire()
    {
        TimerWheel wheel = new(_metrics);
        Node second = new();
        Node first = new(() => wheel.Cancel(second));
        wheel.Schedule(first, 40);
        wheel.Schedule(second, 40);
        wheel.Advance(40);
        Assert.Equal((1, 0), (first.Fired, second.Fired));
    }

    [Fact]
    public void OnTimer_ReschedulesItself_FiresOncePerTickAndNeverInTheSameOne()
    {
        TimerWheel wheel = new(_metrics);
        Node node = null!;
        node = new Node(() => wheel.Schedule(node, 0));
        wheel.Schedule(node, 0);
        for (int tick = 1; tick <= 5; tick++)
        {
            wheel.Advance(tick * Tick);
            Assert.Equal(tick, node.Fired);
        }
    }

    [Fact]
    public void OnTimer_ReschedulesAnotherOfTheSameSlotOneTurnOn_ThatOneWaitsForIt()
    {
        TimerWheel wheel = new(_metrics);
        Node second = new();
        Node first = new(() => wheel.Schedule(second, 40 + Turn));
        wheel.Schedule(first, 40);
        wheel.Schedule(second, 40);
        wheel.Advance(40);
        Assert.Equal(0, second.Fired);
        wheel.Advance(40 + Turn);
        Assert.Equal(1, second.Fired);
    }

    [Fact]
    public void OnTimer_Throws_OthersOfTheSlotFireAndTheNodeIsTold()
    {
        TimerWheel wheel = new(_metrics);
        Node bad = new(() => throw new InvalidOperationException("a defect"));
        Node good = new();
        wheel.Schedule(bad, 40);
        wheel.Schedule(good, 40);
        wheel.Advance(40);
        Assert.Equal((1, 1, 1L), (good.Fired, bad.Faults, _metrics.Counts.Faults));
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void Advance_ClockGoesBack_FiresNothing()
    {
        TimerWheel wheel = new(_metrics);
        Node node = new();
        wheel.Advance(1000);
        wheel.Schedule(node, 1040);
        wheel.Advance(500);
        Assert.Equal(0, node.Fired);
        wheel.Advance(1040);
        Assert.Equal(1, node.Fired);
    }

    [Theory]
    [InlineData(5 * Turn)]
    [InlineData(Turn - Tick)]
    [InlineData(Turn + Tick)]
    public void Advance_AfterALongHalt_FiresAllThatIsDueAndNothingElse(long haltMs)
    {
        TimerWheel wheel = new(_metrics);
        Node[] due = [.. Enumerable.Range(1, 50).Select(_ => new Node())];
        for (int i = 0; i < due.Length; i++) wheel.Schedule(due[i], haltMs * (i + 1) / due.Length);
        Node later = new();
        wheel.Schedule(later, haltMs + 1);
        wheel.Advance(haltMs);
        Assert.All(due, n => Assert.Equal(1, n.Fired));
        Assert.Equal(0, later.Fired);
        wheel.Advance(haltMs + Tick);
        Assert.Equal(1, later.Fired);
    }

    [Fact]
    public void Advance_MoreDueThanATurnFires_TheRestFollowsInOrderAndNoneIsLost()
    {
        const int PerTurn = TimerWheel.VisitsPerTurn / TimerWheel.VisitsPerFired;
        TimerWheel wheel = new(_metrics);
        List<int> fired = [];
        Node[] nodes = new Node[3 * PerTurn + 1];
        for (int i = 0; i < nodes.Length; i++)
        {
            int number = i;
            nodes[i] = new Node(() => fired.Add(number));
            // In two slots, so that a turn ends in the middle of either.
            wheel.Schedule(nodes[i], i < nodes.Length / 2 ? Tick : 2 * Tick);
        }
        Assert.True(wheel.Advance(2 * Tick));
        Assert.Equal(PerTurn, fired.Count);
        // What is left can still be cancelled and moved.
        wheel.Cancel(nodes[^1]);
        wheel.Schedule(nodes[^2], 3 * Tick);
        Assert.True(wheel.Advance(2 * Tick));
        Assert.Equal(2 * PerTurn, fired.Count);
        // A later time does not change the order.
        Assert.False(wheel.Advance(3 * Tick));
        Assert.Equal(Enumerable.Range(0, nodes.Length - 1), fired);
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void Advance_ManyOfALaterTurnInOneSlot_AreLookedAtInSeveralTurns()
    {
        TimerWheel wheel = new(_metrics);
        Node[] nodes = [.. Enumerable.Range(0, 2 * TimerWheel.VisitsPerTurn + 1).Select(_ => new Node())];
        foreach (Node node in nodes) wheel.Schedule(node, Turn + Tick);
        int turns = 1;
        while (wheel.Advance(Tick)) turns++;
        Assert.Equal(3, turns);
        Assert.All(nodes, node => Assert.Equal(0, node.Fired));
        while (wheel.Advance(Turn + Tick)) { }
        Assert.All(nodes, node => Assert.Equal(1, node.Fired));
    }

    /// <summary>Random schedules, cancels and clock steps, of up to several turns, against a list of times.</summary>
    [Fact]
    public void Wheel_AnySequence_AgreesWithAListOfTimes()
    {
        Gen<(int Node, int Kind, long Time)> step = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 9],
            Gen.OneOf(Gen.Long[0, 200], Gen.Long[0, 3 * Turn]));
        step.Array[1, 80].Sample(CompareWithModel, iter: 3_000);
    }

    private static void CompareWithModel((int Node, int Kind, long Time)[] steps)
    {
        TimerWheel wheel = new(MetricsRegistry.Small().Loops[0]);
        long nowMs = 0;
        // The least time that a node may fire at, or none.
        long[] due = new long[8];
        Node[] nodes = new Node[8];
        for (int i = 0; i < nodes.Length; i++)
        {
            int n = i;
            due[n] = -1;
            nodes[n] = new Node(() =>
            {
                if (due[n] < 0) throw new InvalidOperationException("a cancelled timer fired");
                if (nowMs < due[n]) throw new InvalidOperationException($"fired at {nowMs}, due at {due[n]}");
                due[n] = -1;
            });
        }
        foreach ((int node, int kind, long time) in steps)
        {
            switch (kind)
            {
                case < 5:
                    due[node] = nowMs + time;
                    wheel.Schedule(nodes[node], due[node]);
                    break;
                case 5:
                    due[node] = -1;
                    wheel.Cancel(nodes[node]);
                    break;
                default:
                    nowMs += time;
                    wheel.Advance(nowMs);
                    break;
            }
            for (int n = 0; n < due.Length; n++)
            {
                Assert.Equal(0, nodes[n].Faults);
                Assert.Equal(due[n] >= 0, nodes[n].IsScheduled);
                // Late by no more than the tick that the clock is in, and the one that the timer was scheduled in.
                if (due[n] >= 0 && kind > 5) Assert.True(due[n] > nowMs - Tick, $"not fired at {nowMs}, due at {due[n]}");
            }
            Assert.Equal(due.Count(d => d >= 0), wheel.Count);
        }
    }

    private sealed class Node(Action? action = null) : TimerNode
    {
        public int Fired { get; private set; }

        public int Faults { get; private set; }

        public override void OnTimer()
        {
            Fired++;
            action?.Invoke();
        }

        public override void OnFault(Exception fault) => Faults++;
    }
}
