using System.Diagnostics;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Engine.Loop;

/// <summary>
/// The engine's ticker: one thread that lets every loop tick each <see cref="TimerWheel.TickMs"/> milliseconds.
/// It owns its thread and nothing else. A tick runs on this thread when the loop is vacant, which is its usual state.
/// </summary>
internal sealed class Ticker : IDisposable
{
    private readonly EventLoop[] _loops;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new(false, spinCount: 0);

    public Ticker(EventLoop[] loops, BackgroundWork background)
    {
        _loops = loops;
        _thread = background.Thread("ticker", Run, _stop.Wait);
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stop.Set();
        if (_thread.IsAlive) _thread.Join();
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
