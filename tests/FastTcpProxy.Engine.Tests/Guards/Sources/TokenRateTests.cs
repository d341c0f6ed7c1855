using CsCheck;
using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Token buckets as tables, and against a bucket that is filled by hand.</summary>
public sealed class TokenRateTests
{
    private const long Ms = 1_000_000, Second = 1_000 * Ms;

    [Fact]
    public void TryTake_FullBucket_GivesItsBurstAndThenTheRate()
    {
        TokenRate rate = TokenRate.Of(20, 40);
        long fullAt = 0, now = 7 * Second;
        Assert.Equal(40, rate.TokensLeft(fullAt, now));
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal((40 - i, now), (rate.TokensLeft(fullAt, now), rate.RoomAtNs(fullAt, now)));
            Assert.True(rate.TryTake(fullAt, now, out fullAt));
        }
        Assert.Equal((0, now + 50 * Ms), (rate.TokensLeft(fullAt, now), rate.RoomAtNs(fullAt, now)));
        Assert.False(rate.TryTake(fullAt, now, out _));
        Assert.False(rate.TryTake(fullAt, now + 50 * Ms - 1, out _));
        Assert.True(rate.TryTake(fullAt, now + 50 * Ms, out fullAt));
        Assert.False(rate.TryTake(fullAt, now + 50 * Ms, out _));
        Assert.Equal(40, rate.TokensLeft(fullAt, now + 2 * Second + 50 * Ms));
        Assert.Equal(39, rate.TokensLeft(fullAt, now + 2 * Second + 50 * Ms - 1));
    }

    [Fact]
    public void TryTake_BurstOfOne_KeepsTheInterval()
    {
        TokenRate rate = TokenRate.Of(2, 1);
        Assert.True(rate.TryTake(0, 0, out long fullAt));
        Assert.False(rate.TryTake(fullAt, Second / 2 - 1, out _));
        Assert.True(rate.TryTake(fullAt, Second / 2, out _));
    }

    [Fact]
    public void Default_IsNoLimit() => Assert.Equal((false, true, int.MaxValue, 5), (default(TokenRate).IsLimited,
        default(TokenRate).HasRoom(long.MaxValue, 5), default(TokenRate).TokensLeft(long.MaxValue, 5),
        default(TokenRate).RoomAtNs(long.MaxValue, 5)));

    /// <summary>A bucket that was emptied under a low rate waits no longer under a high one than an empty bucket does.</summary>
    [Fact]
    public void RoomAt_AfterTheRateWasRaised_IsThatOfAnEmptyBucket()
    {
        TokenRate before = TokenRate.Of(0.01, 10), after = TokenRate.Of(10, 10);
        long fullAt = 0;
        while (before.TryTake(fullAt, 0, out long next)) fullAt = next;
        Assert.Equal(1_000 * Second, fullAt);
        Assert.Equal((100 * Ms, 0), (after.RoomAtNs(fullAt, 0), after.TokensLeft(fullAt, 0)));
        Assert.True(before.TryTake(fullAt, 100 * Second, out _));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(double.NaN, 1)]
    [InlineData(TokenRate.PerSecondMax + 1, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 30 * 24 * 3_600 + 1)]
    [InlineData(1e-9, 1)]
    public void Of_BeyondItsBounds_IsRefused(double perSecond, int burst) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenRate.Of(perSecond, burst));

    [Theory]
    [InlineData(TokenRate.PerSecondMax, int.MaxValue)]
    [InlineData(1, 30 * 24 * 3_600)]
    public void Of_AtItsBounds_Counts(double perSecond, int burst)
    {
        TokenRate rate = TokenRate.Of(perSecond, burst);
        Assert.True(rate.TryTake(0, long.MaxValue / 4, out long fullAt));
        Assert.Equal(burst - 1, rate.TokensLeft(fullAt, long.MaxValue / 4));
    }

    /// <summary>Whatever the times and the rate: as a bucket that is filled by the time that has passed.</summary>
    [Fact]
    public void TryTake_AnySteps_AreThoseOfABucketThatIsFilled() => Gen.Select(Gen.Double[0.1, 100_000], Gen.Int[1, 50],
            Gen.Select(Gen.Bool, Gen.Long[0, 20 * Ms], Gen.Long[0, 3 * Second], (isShort, few, many) => isShort ? few : many).Array[0, 200])
        .Sample((perSecond, burst, pauses) =>
        {
            TokenRate rate = TokenRate.Of(perSecond, burst);
            long now = Second, fullAt = 0, credit = burst * rate.IntervalNs;
            foreach (long pause in pauses)
            {
                now += pause;
                credit = Math.Min(credit + pause, burst * rate.IntervalNs);
                Assert.Equal(credit / rate.IntervalNs, rate.TokensLeft(fullAt, now));
                Assert.Equal(Math.Max(0, rate.IntervalNs - credit), rate.RoomAtNs(fullAt, now) - now);
                bool isTaken = rate.TryTake(fullAt, now, out long next);
                Assert.Equal(credit >= rate.IntervalNs, isTaken);
                if (!isTaken) continue;
                credit -= rate.IntervalNs;
                fullAt = next;
            }
        });

    /// <summary>Two seconds of questions at random moments, more than there are tokens: the rate is kept within 1 %.</summary>
    [Theory]
    [InlineData(500)]
    [InlineData(3_333)]
    [InlineData(5_000)]
    [InlineData(999_983)]
    [InlineData(7_777_777)]
    public void TryTake_MoreThanTheRate_GivesTheRate(double perSecond)
    {
        TokenRate rate = TokenRate.Of(perSecond, 2);
        Random random = new(3);
        int taken = 0;
        long fullAt = 0;
        double seconds = 20_000 / perSecond;
        for (double now = 0; now < seconds * 1e9; now += random.NextDouble() * 0.5e9 / perSecond)
        {
            if (!rate.TryTake(fullAt, (long)now, out long next)) continue;
            fullAt = next;
            taken++;
        }
        Assert.InRange(taken / seconds / perSecond, 0.99, 1.01);
    }
}
