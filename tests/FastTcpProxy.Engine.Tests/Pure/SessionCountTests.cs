using FastTcpProxy.Engine.Guards;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Counts of loops that share a limit: exact, whichever loop has the permits.</summary>
public sealed class SessionCountTests
{
    /// <summary>The permits that one loop has taken in advance are the other's when it needs them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(1_000)]
    public void Limit_OfLoopsInTurn_IsReachedExactly(int max)
    {
        SessionCount count = new() { Max = max };
        for (int i = 0; i < max; i++) Assert.True(count.TryEnter(i % 3), $"{i} of {max}");
        for (int loop = 0; loop < 4; loop++) Assert.False(count.TryEnter(loop));
        Assert.Equal(max, count.Current);
        count.Leave(0);
        Assert.True(count.TryEnter(2));
        Assert.False(count.TryEnter(0));
        // All of one loop's, and it holds what it does not use.
        for (int i = 0; i < max; i++)
        {
            if (i % 3 == 0 && i > 0) count.Leave(0);
        }
        int left = count.Current;
        for (int i = left; i < max; i++) Assert.True(count.TryEnter(1));
        Assert.False(count.TryEnter(1));
    }

    [Fact]
    public void Limit_LoweredAndRaised_HoldsFromTheNextOn()
    {
        SessionCount count = new();
        for (int i = 0; i < 100; i++) Assert.True(count.TryEnter(i % 2));
        count.Max = 10;
        Assert.False(count.TryEnter(0));
        for (int i = 0; i < 90; i++) count.Leave(i % 2);
        Assert.Equal(10, count.Current);
        Assert.False(count.TryEnter(0));
        count.Leave(0);
        Assert.True(count.TryEnter(1));
        Assert.False(count.TryEnter(0));
        count.Max = 11;
        Assert.True(count.TryEnter(0));
        Assert.False(count.TryEnter(1));
        count.Max = 0;
        for (int i = 0; i < 1_000; i++) Assert.True(count.TryEnter(1));
        Assert.True(count.IsBelow(1_012));
        Assert.False(count.IsBelow(1_011));
    }

    /// <summary>A record has its own loop's sessions as they are, and the others' as they were at the first record of the tick.</summary>
    [Fact]
    public void AtTick_SessionsOfOtherLoops_AreReadOnceForEachTick()
    {
        SessionCount count = new();
        Assert.True(count.TryEnter(0));
        Assert.True(count.TryEnter(1));
        Assert.Equal(2, count.AtTick(0, tick: 0));
        Assert.True(count.TryEnter(1));
        Assert.True(count.TryEnter(0));
        Assert.Equal((3, 4), (count.AtTick(0, tick: 0), count.AtTick(0, tick: 1)));
        count.Leave(1);
        Assert.Equal((4, 3, 3), (count.AtTick(0, tick: 1), count.AtTick(1, tick: 1), count.Current));
    }

    /// <summary>Loops that come and go at once: never more than the limit, none is lost, and at the end all of it is there.</summary>
    [Fact]
    public void Limit_ManyLoopsAtOnce_IsNeverExceeded()
    {
        const int Loops = 4, Max = 50, Rounds = 100_000;
        SessionCount count = new() { Max = Max };
        int inside = 0, most = 0, refused = 0;
        Thread[] threads = [.. Enumerable.Range(0, Loops).Select(loop => new Thread(() =>
        {
            Random random = new(loop);
            int own = 0;
            for (int i = 0; i < Rounds; i++)
            {
                if (own > 0 && random.Next(2) == 0)
                {
                    Interlocked.Decrement(ref inside);
                    count.Leave(loop);
                    own--;
                }
                else if (count.TryEnter(loop))
                {
                    own++;
                    int now = Interlocked.Increment(ref inside);
                    int seen = Volatile.Read(ref most);
                    while (now > seen) seen = Interlocked.CompareExchange(ref most, now, seen) is var before && before == seen
                        ? now
                        : before;
                }
                else
                {
                    Interlocked.Increment(ref refused);
                }
            }
            while (own-- > 0)
            {
                Interlocked.Decrement(ref inside);
                count.Leave(loop);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();

        Assert.InRange(most, 1, Max);
        Assert.True(refused > 0, "the limit was reached");
        Assert.Equal(0, count.Current);
        for (int i = 0; i < Max; i++) Assert.True(count.TryEnter(i % Loops));
        Assert.False(count.TryEnter(0));
    }
}
