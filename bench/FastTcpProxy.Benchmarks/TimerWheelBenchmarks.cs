using BenchmarkDotNet.Attributes;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Benchmarks;

/// <summary>
/// The timers of a loop with ten thousand sessions: setting and cancelling one, moving one, and a tick, in which ten fire and are set
/// again. One thread; it owns the wheel.
/// </summary>
[MemoryDiagnoser, BenchmarkCategory(Program.NoAllocation)]
public class TimerWheelBenchmarks
{
    private const int Timers = 10_000;

    /// <summary>Ten timers of each tick's worth of time.</summary>
    private const int SpreadMs = Timers / 10 * TimerWheel.TickMs;

    private readonly TimerWheel _wheel = new(MetricsRegistry.Small().Loops[0]);
    private readonly Timer _timer;
    private readonly Timer[] _others;
    private long _nowMs;

    public TimerWheelBenchmarks()
    {
        _timer = new Timer(this);
        _others = [.. Enumerable.Range(0, Timers).Select(_ => new Timer(this))];
    }

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Timers; i++) _wheel.Schedule(_others[i], _nowMs + (long)SpreadMs * (i + 1) / Timers);
    }

    [Benchmark(Baseline = true)]
    public int ScheduleCancel()
    {
        _wheel.Schedule(_timer, _nowMs + 5_000);
        _wheel.Cancel(_timer);
        return _wheel.Count;
    }

    [Benchmark]
    public int Move()
    {
        Timer timer = _others[Timers / 2];
        _wheel.Schedule(timer, _nowMs + SpreadMs);
        return _wheel.Count;
    }

    [Benchmark]
    public int Advance()
    {
        _nowMs += TimerWheel.TickMs;
        _wheel.Advance(_nowMs);
        return _wheel.Count;
    }

    private sealed class Timer(TimerWheelBenchmarks owner) : TimerNode
    {
        public override void OnTimer() => owner._wheel.Schedule(this, owner._nowMs + SpreadMs);

        public override void OnFault(Exception fault) => throw fault;
    }
}
