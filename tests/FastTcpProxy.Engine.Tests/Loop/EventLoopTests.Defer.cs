using FastTcpProxy.Engine.Loop;

namespace FastTcpProxy.Engine.Tests.Loop;

/// <content>Items that give up their turn.</content>
public sealed partial class EventLoopTests
{
    [Fact]
    public void Defer_Items_RunInOrderAfterWhatWaitsAlready()
    {
        EventLoop loop = NewLoop();
        List<int> order = [];
        using ManualResetEventSlim done = new();
        loop.Dispatch(new Item(() =>
        {
            for (int i = 1; i <= 100; i++)
            {
                int number = i;
                loop.Defer(new Item(() =>
                {
                    order.Add(number);
                    if (number == 100) done.Set();
                }));
            }
            loop.Dispatch(new Item(() => order.Add(0)));
        }));
        Assert.True(done.Wait(Deadline));
        Assert.Equal(Enumerable.Range(0, 101), order);
        Assert.Equal(0, loop.Metrics.Counts.Faults);
    }

    [Fact]
    public void Defer_OnALoopThatIsNeverVacantForLong_StillRuns()
    {
        EventLoop loop = NewLoop();
        using CancellationTokenSource stop = new();
        Thread[] busy = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            // One at a time: a queue that only grows would hold anything up.
            int done = 0;
            Item work = new(() =>
            {
                Thread.SpinWait(100);
                Volatile.Write(ref done, 1);
            });
            while (!stop.IsCancellationRequested)
            {
                Volatile.Write(ref done, 0);
                loop.Dispatch(work);
                while (Volatile.Read(ref done) == 0) Thread.Yield();
            }
        }))];
        foreach (Thread thread in busy) thread.Start();
        int left = 1_000;
        Item? deferred = null;
        deferred = new Item(() =>
        {
            if (Interlocked.Decrement(ref left) > 0) loop.Defer(deferred!);
        });
        loop.Dispatch(deferred);
        bool ran = SpinWait.SpinUntil(() => Volatile.Read(ref left) == 0, Deadline);
        stop.Cancel();
        foreach (Thread thread in busy) thread.Join();
        Assert.True(ran);
        Assert.Equal(0, loop.Metrics.Counts.Faults);
    }

    [Fact]
    public void Defer_AnItemThatIsDeferred_IsADefect()
    {
        EventLoop loop = NewLoop();
        int ran = 0;
        Item twice = new(() => Interlocked.Increment(ref ran));
        loop.Dispatch(new Item(() =>
        {
            loop.Defer(twice);
            loop.Defer(twice);
        }));
        Assert.Equal(1, loop.Metrics.Counts.Faults);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref ran) == 1, Deadline));
    }
}
