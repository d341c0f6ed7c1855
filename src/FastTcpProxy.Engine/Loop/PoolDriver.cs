using System.Diagnostics;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// Drives loops that have no thread of their own: the thread pool gives the turns, and one thread, the ticker, lets every loop tick.
/// It owns that thread and nothing else. A tick runs on it when the loop is vacant, which is the usual state.
/// </summary>
internal sealed class PoolDriver : ILoopDriver
{
    private readonly Thread _ticker;
    private readonly ManualResetEventSlim _stop = new(false, spinCount: 0);
    private IReadOnlyList<EventLoop> _loops = [];

    public PoolDriver(BackgroundWork background) => _ticker = background.Thread("ticker", Run, _stop.Wait);

    public void Post(EventLoop loop) => ThreadPool.UnsafeQueueUserWorkItem(loop, preferLocal: false);

    public void Start(IReadOnlyList<EventLoop> loops)
    {
        _loops = loops;
        _ticker.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        if (_ticker.IsAlive) _ticker.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        long start = Stopwatch.GetTimestamp();
        long tick = 0;
        while (true)
        {
            double elapsedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            tick = Math.Max(tick + 1, (long)(elapsedMs / TimerWheel.TickMs) + 1);
            int waitMs = (int)Math.Ceiling(tick * TimerWheel.TickMs - elapsedMs);
            if (_stop.Wait(Math.Max(waitMs, 1))) return;
            foreach (EventLoop loop in _loops) loop.Tick();
        }
    }
}
