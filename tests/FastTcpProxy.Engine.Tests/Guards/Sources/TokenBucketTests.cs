using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>The bucket that all sources share.</summary>
public sealed class TokenBucketTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void TryTake_UntilItIsEmpty_SaysWhenThereIsRoom()
    {
        TokenBucket bucket = new();
        TokenRate rate = TokenRate.Of(10, 2);
        Assert.True(bucket.TryTake(rate, Second) && bucket.TryTake(rate, Second));
        Assert.False(bucket.TryTake(rate, Second));
        Assert.Equal((0, Second + 100_000, 200_000),
            (bucket.TokensLeft(rate, Second), bucket.RoomAtUs(rate, Second), bucket.FullInUs(Second)));
        bucket.GiveBack(rate);
        Assert.Equal((1, Second), (bucket.TokensLeft(rate, Second), bucket.RoomAtUs(rate, Second)));
        Assert.True(bucket.TryTake(default, Second) && bucket.TryTake(rate, Second));
        Assert.False(bucket.TryTake(rate, Second));
    }

    [Fact]
    public void TryTake_FromTwoThreads_GivesExactlyTheRate()
    {
        const int Questions = 200_000;
        TokenBucket bucket = new();
        TokenRate rate = TokenRate.Of(100_000, 1_000);
        long nowUs = Second, taken = 0;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Questions; i++)
            {
                if (bucket.TryTake(rate, Interlocked.Increment(ref nowUs))) Interlocked.Increment(ref taken);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.InRange(taken, 1_000 + 2 * Questions / 10 - 2, 1_000 + 2 * Questions / 10);
    }

    [Fact]
    public void Restore_OfAnotherProcess_GivesNoBurst()
    {
        TokenBucket from = new(), to = new();
        TokenRate rate = TokenRate.Of(10, 5);
        for (int i = 0; i < 4; i++) Assert.True(from.TryTake(rate, Second));
        to.Restore(from.FullInUs(Second), 9 * Second);
        Assert.Equal(1, to.TokensLeft(rate, 9 * Second));
        to.Restore(0, 9 * Second);
        Assert.Equal(1, to.TokensLeft(rate, 9 * Second));
    }
}
