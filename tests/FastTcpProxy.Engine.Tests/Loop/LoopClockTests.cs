using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Loop;

/// <summary>The clock by which a loop reckons deadlines: the time that it had.</summary>
public sealed class LoopClockTests
{
    private readonly SimClock _clock = new();
    private readonly HeldTurns _turns = new();
    private readonly EventLoop _loop;

    public LoopClockTests() =>
        _loop = new EventLoop(0, _clock, new SlabBufferPool(new BufferBudget(64 << 20)), MetricsRegistry.Small().Loops[0], _turns);

    [Fact]
    public void NowMs_TicksAreOnTime_IsTheMonotonicClock()
    {
        for (int i = 0; i < 500; i++)
        {
            Wait(TimerWheel.TickMs);
            _loop.Tick();
            Assert.Equal((_clock.NowUs / 1000, _clock.NowUs / 1000), (_loop.NowMs, _loop.CoarseNowMs));
        }
    }

    [Fact]
    public void NowMs_TickIsAsLateAsCounts_LosesNothing()
    {
        Tick(TimerWheel.TickMs);
        Tick(LoopClock.GapMs);
        Assert.Equal(TimerWheel.TickMs + LoopClock.GapMs, _loop.NowMs);
    }

    [Fact]
    public void NowMs_InAndAfterAGap_StandsStillAndNeverGoesBack()
    {
        Tick(TimerWheel.TickMs);
        long beforeMs = _loop.NowMs;
        Wait(10_000);
        // Work that enters before the tick does not see more of the gap than will count.
        Assert.Equal(beforeMs + LoopClock.GapMs, _loop.NowMs);
        _loop.Tick();
        Assert.Equal(beforeMs + LoopClock.GapMs, _loop.NowMs);
        Wait(5);
        Assert.Equal(beforeMs + LoopClock.GapMs + 5, _loop.NowMs);
        Assert.Equal(_clock.NowUs, _loop.NowUs);
    }

    [Fact]
    public void Timer_DueInAGap_FiresAtTheSecondTickAfterIt()
    {
        Tick(TimerWheel.TickMs);
        Timer timer = new();
        _loop.Timers.Schedule(timer, _loop.NowMs + 100);
        int gaps = 0;
        _loop.AfterGap += () => gaps++;
        Tick(10_000);
        Assert.Equal((0, 1), (timer.Fired, gaps));
        Tick(TimerWheel.TickMs);
        Assert.Equal((1, 1), (timer.Fired, gaps));
    }

    [Fact]
    public void Timer_DueAfterAGap_HasTheTimeThatWasLeft()
    {
        Tick(TimerWheel.TickMs);
        Timer timer = new();
        _loop.Timers.Schedule(timer, _loop.NowMs + 1_000);
        Tick(10_000);
        int ticks = 0;
        for (; timer.Fired == 0; ticks++) Tick(TimerWheel.TickMs);
        Assert.Equal((1_000 - LoopClock.GapMs) / TimerWheel.TickMs, ticks);
    }

    /// <summary>Whatever the moments of the scheduling and of the ticks, in microseconds: not by a part of a millisecond either.</summary>
    [Fact]
    public void Timer_ScheduledBetweenLateTicks_IsNeverEarly()
    {
        const int TimeMs = 700;
        Random random = new(1);
        for (int run = 0; run < 2_000; run++)
        {
            WaitUs(random.Next(LoopClock.GapMs * 1500));
            long beganUs = _clock.NowUs;
            Timer timer = new();
            _loop.Timers.Schedule(timer, _loop.NowMs + TimeMs);
            while (timer.Fired == 0)
            {
                // Mostly just when a millisecond begins, where rounding shows.
                WaitUs(random.Next(3) == 0 ? random.Next(LoopClock.GapMs * 1500) : 20_000 - _clock.NowUs % 20_000);
                _loop.Tick();
            }
            Assert.True(_clock.NowUs - beganUs >= TimeMs * 1000, $"fired after {_clock.NowUs - beganUs} us");
        }
    }

    /// <summary>
    /// More timers were due than a turn fires, and the process is stopped before the next turn: that one comes before the tick, or after
    /// it.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Timers_LeftForALaterTurnWhenAGapBegins_WaitForTheSecondTickAfterIt(bool turnIsFirst)
    {
        const int PerTurn = TimerWheel.VisitsPerTurn / TimerWheel.VisitsPerFired;
        Tick(TimerWheel.TickMs);
        Timer[] timers = [.. Enumerable.Range(0, 3 * PerTurn).Select(_ => new Timer())];
        foreach (Timer timer in timers) _loop.Timers.Schedule(timer, _loop.NowMs + 1);
        Tick(2 * TimerWheel.TickMs);
        Assert.Equal(PerTurn, timers.Sum(t => t.Fired));

        Wait(10_000);
        if (turnIsFirst) TakeTurn();
        _loop.Tick();
        if (!turnIsFirst) TakeTurn();
        Assert.Equal(PerTurn, timers.Sum(t => t.Fired));

        Tick(TimerWheel.TickMs);
        while (_turns.Wanted > 0) TakeTurn();
        Assert.All(timers, timer => Assert.Equal(1, timer.Fired));

        void TakeTurn()
        {
            Assert.Equal(1, _turns.Wanted);
            _turns.Wanted = 0;
            _loop.TakeTurn();
        }
    }

    /// <summary>On a machine where every tick is that late, timers are late, and they fire.</summary>
    [Fact]
    public void Timer_EveryTickIsAGap_FiresAllTheSame()
    {
        Timer timer = new();
        _loop.Timers.Schedule(timer, 1_000);
        int ticks = 0;
        for (; timer.Fired == 0 && ticks < 100; ticks++) Tick(1_000);
        Assert.InRange(ticks, 1_000 / LoopClock.GapMs, (1_000 / LoopClock.GapMs) + 1);
    }

    private void Tick(long afterMs)
    {
        Wait(afterMs);
        _loop.Tick();
    }

    private void Wait(long milliseconds) => WaitUs(milliseconds * 1000);

    private void WaitUs(long microseconds) => _clock.MoveTo(_clock.NowUs + microseconds);

    /// <summary>Gives no turn by itself: the test does.</summary>
    private sealed class HeldTurns : ILoopDriver
    {
        public int Wanted { get; set; }

        public void Post(EventLoop loop) => Wanted++;

        public void Start(IReadOnlyList<EventLoop> loops)
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class Timer : TimerNode
    {
        public int Fired { get; private set; }

        public override void OnTimer() => Fired++;

        public override void OnFault(Exception fault)
        {
        }
    }
}
