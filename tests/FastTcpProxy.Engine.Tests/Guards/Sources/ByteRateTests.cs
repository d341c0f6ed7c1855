using CsCheck;
using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Buckets of bytes, which can owe.</summary>
public sealed class ByteRateTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Take_MoreThanTheBurst_RestsUntilNothingIsOwed()
    {
        ByteRate rate = ByteRate.Of(1_000, 500);
        long fullAtNs = 0, now = 5 * Second;
        Assert.Equal(0, rate.Take(ref fullAtNs, 500, now));
        Assert.Equal(Second / 1_000, rate.Take(ref fullAtNs, 1, now));
        Assert.Equal(2 * Second + Second / 1_000, rate.Take(ref fullAtNs, 2_000, now));
        Assert.Equal(Second / 1_000, rate.Take(ref fullAtNs, 0, now + 2 * Second));
        Assert.Equal(0, rate.Take(ref fullAtNs, 0, now + 2 * Second + Second / 1_000));
        Assert.Equal(0, rate.Take(ref fullAtNs, 500, now + 10 * Second));
    }

    [Fact]
    public void Default_IsNoLimit()
    {
        long fullAtNs = 0;
        Assert.Equal((0, 0, 0), (default(ByteRate).Take(ref fullAtNs, long.MaxValue, 1), fullAtNs, default(ByteRate).RestNs(9, 1)));
    }

    [Fact]
    public void Take_WithoutEnd_OwesAMonthAtTheMost()
    {
        ByteRate rate = ByteRate.Of(1, 1);
        long fullAtNs = 0;
        Assert.Equal(0, rate.Take(ref fullAtNs, 1, Second));
        for (int i = 0; i < 5; i++) Assert.Equal(TokenRate.FillNsMax, rate.Take(ref fullAtNs, long.MaxValue, Second));
    }

    /// <summary>Reads of any size, each after the rest that the one before was told: the rate is kept within 1 %.</summary>
    [Theory]
    [InlineData(1_024)]
    [InlineData(10_485_760)]
    [InlineData(1_250_000_000)]
    [InlineData(ByteRate.PerSecondMax)]
    public void Take_AsFastAsItMay_GivesTheRate(long perSecond)
    {
        ByteRate rate = ByteRate.Of(perSecond, 1);
        Random random = new(5);
        long fullAtNs = 0, taken = 0, now = Second;
        for (int i = 0; i < 20_000; i++)
        {
            int bytes = random.Next(1_024, 65_536);
            taken += bytes;
            now += rate.Take(ref fullAtNs, bytes, now);
        }
        Assert.InRange(taken / ((now - Second) / 1e9) / perSecond, 0.99, 1.01);
    }

    /// <summary>Whatever is taken and when: as a bucket that is filled by hand.</summary>
    [Fact]
    public void Take_AnySteps_AreThoseOfABucketThatIsFilled() => Gen.Select(Gen.Long[1, 1_000_000], Gen.Long[1, 1_000_000],
            Gen.Select(Gen.Long[0, 100_000], Gen.Long[0, 3 * Second]).Array[0, 100])
        .Sample((perSecond, burst, steps) =>
        {
            ByteRate rate = ByteRate.Of(perSecond, burst);
            long fullAtNs = 0, now = Second;
            double credit = burst;
            foreach ((long bytes, long pause) in steps)
            {
                now += pause;
                credit = Math.Min(burst, credit + pause * (double)perSecond / Second) - bytes;
                double restNs = Math.Max(-credit * Second / perSecond, 0);
                // Each step rounds to a whole nanosecond.
                Assert.InRange(rate.Take(ref fullAtNs, bytes, now), restNs - 200, restNs + 200);
            }
        });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(ByteRate.PerSecondMax + 1, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 30 * 24 * 3_600 + 1)]
    public void Of_BeyondItsBounds_IsRefused(long perSecond, long burst) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ByteRate.Of(perSecond, burst));
}
