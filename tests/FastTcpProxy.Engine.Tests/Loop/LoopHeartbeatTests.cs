using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Loop;

/// <summary>The sign of life of all loops: given while all of them tick, and not when one does not.</summary>
public sealed class LoopHeartbeatTests
{
    private const int EveryMs = 100;

    private readonly SimClock _clock = new();
    private readonly EventLoop[] _loops;
    private readonly LoopHeartbeat _heartbeat;
    private readonly List<long> _rounds = [];

    public LoopHeartbeatTests()
    {
        _loops = [.. Enumerable.Range(0, 3).Select(i => new EventLoop(i, _clock, new SlabBufferPool(new BufferBudget(64 << 20)),
            MetricsRegistry.Small().Loops[0], new PoolDriver(new BackgroundWork())))];
        _heartbeat = new LoopHeartbeat(_loops, TimeSpan.FromMilliseconds(EveryMs), () => _rounds.Add(_clock.NowUs / 1000));
    }

    [Fact]
    public void AllLoopsTick_IsSaidOnceARound()
    {
        Run(1_000, _loops);
        Assert.Equal([.. Enumerable.Range(0, 11).Select(i => (long)i * EveryMs)], _rounds);
    }

    [Fact]
    public void OneLoopHangs_NothingIsSaidUntilItGoesOn()
    {
        Run(200, _loops);
        _rounds.Clear();
        Run(1_000, _loops[..2]);
        Assert.Empty(_rounds);
        Run(300, _loops);
        Assert.InRange(_rounds.Count, 2, 4);
    }

    /// <summary>The watchdog that waits for the sign has counted the pause: it comes with the first tick after it.</summary>
    [Fact]
    public void AfterAPause_IsSaidAtOnce()
    {
        Run(110, _loops);
        _clock.MoveTo(_clock.NowUs + 10_000_000);
        _rounds.Clear();
        Run(TimerWheel.TickMs, _loops);
        Assert.Equal([_clock.NowUs / 1000], _rounds);
    }

    [Fact]
    public void LoopsOutOfStep_RoundsLieLessThanTwiceTheTimeApart()
    {
        // Each loop comes to its first heartbeat at another time.
        Run(40, _loops[..1]);
        Run(1_000, _loops[..2]);
        _rounds.Clear();
        Run(2_000, _loops);
        Assert.True(_rounds.Count >= 2_000 / (2 * EveryMs), $"{_rounds.Count} rounds");
        Assert.All(_rounds.Zip(_rounds.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, EveryMs, 2 * EveryMs));
    }

    [Fact]
    public void Stopped_SaysNoMoreAndLeavesNoTimer()
    {
        Run(200, _loops);
        _heartbeat.Stop();
        _rounds.Clear();
        Run(500, _loops);
        Assert.Empty(_rounds);
        Assert.All(_loops, loop => Assert.Equal(0, loop.Timers.Count));
    }

    [Fact]
    public void Defect_InWhatIsCalled_IsContainedAndTheRoundsGoOn()
    {
        int calls = 0;
        EventLoop loop = new(0, _clock, new SlabBufferPool(new BufferBudget(64 << 20)), MetricsRegistry.Small().Loops[0],
            new PoolDriver(new BackgroundWork()));
        _ = new LoopHeartbeat([loop], TimeSpan.FromMilliseconds(EveryMs), () => throw new InvalidOperationException($"a defect {++calls}"));
        Run(500, [loop]);
        Assert.Equal((6, 6L), (calls, loop.Metrics.Counts.Faults));
    }

    private void Run(long milliseconds, EventLoop[] loops)
    {
        for (long end = _clock.NowUs + milliseconds * 1000; _clock.NowUs < end;)
        {
            _clock.MoveTo(_clock.NowUs + TimerWheel.TickMs * 1000);
            foreach (EventLoop loop in loops) loop.Tick();
        }
    }
}
