using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Loop;

/// <summary>The serial executor of a loop: one at a time, in order, no item lost, no fault let through, nothing allocated.</summary>
public sealed partial class EventLoopTests
{
    private const int Dispatchers = 6;
    private const int ItemsEach = 20_000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static EventLoop NewLoop() => new(0, TimeProvider.System, new SlabBufferPool(new BufferBudget(64 << 20)),
        MetricsRegistry.Small().Loops[0], new PoolDriver(new BackgroundWork()));

    [Fact]
    public void Dispatch_FromManyThreads_RunsOneAtATimeAndEachThreadsItemsInOrder()
    {
        EventLoop loop = NewLoop();
        int inside = 0, overlaps = 0, disorders = 0;
        // Plain on purpose: only the loop's serial executor protects it.
        long ran = 0;
        int[] last = new int[Dispatchers];
        Thread[] threads = new Thread[Dispatchers];
        for (int t = 0; t < Dispatchers; t++)
        {
            int id = t;
            threads[t] = new Thread(() =>
            {
                for (int i = 1; i <= ItemsEach; i++)
                {
                    int number = i;
                    loop.Dispatch(new Item(() =>
                    {
                        if (Interlocked.Increment(ref inside) != 1) overlaps++;
                        if (last[id] != number - 1) disorders++;
                        last[id] = number;
                        ran++;
                        Interlocked.Decrement(ref inside);
                    }));
                }
            });
        }
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        // Every dispatch has returned, but what the last thread inside left is run by a thread of the pool.
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref ran) == (long)Dispatchers * ItemsEach, Deadline));
        Assert.Equal((0, 0), (overlaps, disorders));
        Assert.Equal((long)Dispatchers * ItemsEach, ran);
    }

    [Fact]
    public void Dispatch_OfMoreThanAThreadRunsForOthers_ReturnsAndThePoolRunsTheRestInOrder()
    {
        EventLoop loop = NewLoop();
        List<int> order = [];
        int ranHere = 0;
        int here = Environment.CurrentManagedThreadId;
        loop.Dispatch(new Item(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                int number = i;
                loop.Dispatch(new Item(() =>
                {
                    order.Add(number);
                    if (Environment.CurrentManagedThreadId == here) ranHere++;
                }));
            }
        }));
        Assert.InRange(ranHere, 1, 32);
        int done = 0;
        Assert.True(SpinWait.SpinUntil(() =>
        {
            // Asked inside the loop, as all that it owns is.
            loop.Dispatch(new Item(() => Volatile.Write(ref done, order.Count)));
            return Volatile.Read(ref done) == 1_000;
        }, Deadline));
        Assert.Equal(Enumerable.Range(0, 1_000), order);
    }

    [Fact]
    public void Dispatch_FromInside_RunsAfterTheItemAndNotWithinIt()
    {
        EventLoop loop = NewLoop();
        List<string> order = [];
        loop.Dispatch(new Item(() =>
        {
            loop.Dispatch(new Item(() => order.Add("second")));
            loop.Dispatch(new Item(() => order.Add("third")));
            order.Add("first");
        }));
        Assert.Equal(["first", "second", "third"], order);
    }

    [Fact]
    public void Dispatch_ItemThrows_IsCountedToldAndTheLoopGoesOn()
    {
        EventLoop loop = NewLoop();
        Item bad = new(() => throw new InvalidOperationException("a defect"));
        loop.Dispatch(bad);
        bool ran = false;
        loop.Dispatch(new Item(() => ran = true));
        Assert.True(ran);
        Assert.Equal((1L, 1), (loop.Metrics.Counts.Faults, bad.Faults));
        Assert.Equal("a defect", loop.Metrics.LastFault?.Fault.Message);
    }

    [Fact]
    public void Dispatch_FaultHandlerThrowsToo_TheLoopGoesOn()
    {
        EventLoop loop = NewLoop();
        loop.Dispatch(new Item(() => throw new InvalidOperationException("first"), throwsAgain: true));
        bool ran = false;
        loop.Dispatch(new Item(() => ran = true));
        Assert.True(ran);
        Assert.Equal(2, loop.Metrics.Counts.Faults);
    }

    [Fact]
    public void Tick_WhileTheLoopIsOccupied_IsQueuedOnce()
    {
        EventLoop loop = NewLoop();
        loop.Dispatch(new Item(() =>
        {
            for (int i = 0; i < 100; i++) loop.Tick();
            Assert.Equal(0, loop.Ticks);
        }));
        Assert.Equal(1, loop.Ticks);
        Assert.Equal(0, loop.Metrics.Counts.Faults);
        loop.Tick();
        Assert.Equal(2, loop.Ticks);
    }

    [Fact]
    public void Tick_FromManyThreadsBesideItems_NeitherIsLost()
    {
        EventLoop loop = NewLoop();
        long ran = 0;
        using CancellationTokenSource stop = new();
        Thread ticker = new(() =>
        {
            while (!stop.IsCancellationRequested) loop.Tick();
        });
        ticker.Start();
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < ItemsEach; i++) loop.Dispatch(new Item(() => ran++));
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        stop.Cancel();
        ticker.Join();
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref ran) == 3L * ItemsEach, Deadline));
        Assert.Equal(3L * ItemsEach, ran);
        Assert.True(loop.Ticks > 0);
        Assert.Equal(0, loop.Metrics.Counts.Faults);
    }

    [Fact]
    public void Dispatch_WhenTheThreadInsideGoesMeanwhile_RunsEachItemOnce()
    {
        // The item is linked to one that waits; then the thread inside goes and leaves some for others, so that this one enters itself.
        // That a thread of the pool may enter first is why it is tried often.
        for (int round = 0; round < 100; round++)
        {
            EventLoop loop = NewLoop();
            using ManualResetEventSlim isInside = new(), mayGo = new();
            int[] runs = new int[100];
            Thread inside = new(() => loop.Dispatch(new Item(() =>
            {
                isInside.Set();
                mayGo.Wait();
            })));
            inside.Start();
            isInside.Wait();
            for (int i = 0; i < runs.Length - 1; i++)
            {
                int number = i;
                loop.Dispatch(new Item(() => runs[number]++));
            }
            loop.Dispatch(new LinkedItem(() => runs[^1]++, () =>
            {
                mayGo.Set();
                inside.Join();
            }));
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs[^1]) > 0 && runs.Sum() >= runs.Length, Deadline), $"round {round}");
            Assert.All(runs, each => Assert.Equal(1, each));
        }
    }

    [Fact]
    public void Dispatch_PreparedItem_AllocatesNothing()
    {
        EventLoop loop = NewLoop();
        int ran = 0;
        Item inner = new(() => ran++);
        Item outer = new(() => loop.Dispatch(inner));
        for (int i = 0; i < 100; i++) loop.Dispatch(outer);
        Assert.Equal(0, AllocatedBytes.LeastOf(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                loop.Dispatch(outer);
                loop.Tick();
            }
        }));
        Assert.True(ran > 10_000);
    }

    /// <summary>
    /// Lets something happen between the moment at which it is linked to what waits and the one at which it would wait itself.
    /// </summary>
    private sealed class LinkedItem(Action action, Action onLinked) : ILoopItem
    {
        private bool _wasLinked;

        public ILoopItem? NextQueued
        {
            get;
            set
            {
                field = value;
                if (_wasLinked || value is null) return;
                _wasLinked = true;
                onLinked();
            }
        }

        public void Run() => action();

        public void OnFault(Exception fault)
        {
        }
    }

    private sealed class Item(Action action, bool throwsAgain = false) : ILoopItem
    {
        public ILoopItem? NextQueued { get; set; }

        public int Faults { get; private set; }

        public void Run() => action();

        public void OnFault(Exception fault)
        {
            Faults++;
            if (throwsAgain) throw new InvalidOperationException("again");
        }
    }
}
