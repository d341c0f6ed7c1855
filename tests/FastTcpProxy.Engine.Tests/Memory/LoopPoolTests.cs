using FastTcpProxy.Engine.Memory;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Tests.Memory;

/// <summary>The pool of objects of one loop: last used first, bounded, reset on return.</summary>
public sealed class LoopPoolTests
{
    [Fact]
    public void Get_AfterReturn_GivesTheOneUsedLast()
    {
        LoopPool<Thing> pool = new(() => new Thing(), 4);
        Thing first = pool.Get(), second = pool.Get();
        Assert.Equal(2, pool.Rented);
        pool.Return(first);
        pool.Return(second);
        Assert.Equal(0, pool.Rented);
        Assert.Same(second, pool.Get());
        Assert.Same(first, pool.Get());
        Assert.Equal(1, first.Resets);
    }

    [Fact]
    public void Return_BeyondTheBound_IsReset_AndLeftToTheCollector()
    {
        int made = 0;
        LoopPool<Thing> pool = new(() => { made++; return new Thing(); }, 2);
        Thing[] things = [pool.Get(), pool.Get(), pool.Get()];
        foreach (Thing thing in things) pool.Return(thing);
        Assert.All(things, t => Assert.Equal(1, t.Resets));
        for (int i = 0; i < 3; i++) pool.Get();
        Assert.Equal(4, made);
    }

    [Fact]
    public void Return_ThatCannotBeReset_IsNotUsedAgain()
    {
        LoopPool<Thing> pool = new(() => new Thing(), 2);
        Thing thing = pool.Get();
        thing.CanReset = false;
        pool.Return(thing);
        Assert.NotSame(thing, pool.Get());
    }

    private sealed class Thing : IResettable
    {
        public bool CanReset { get; set; } = true;

        public int Resets { get; private set; }

        public bool TryReset()
        {
            Resets++;
            return CanReset;
        }
    }
}
