using CsCheck;
using FastTcpProxy.Gate.Estimates;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>The estimate and its interval against a published example, and against what must hold for every sample.</summary>
public sealed class SignedRankTests
{
    private const double Tolerance = 1e-9;

    private static readonly Gen<double[]> Samples = Gen.Double[-1, 1].Array[6, 40];

    /// <summary>
    /// Hollander and Wolfe, example 3.1: the depression scale factor of nine patients before and after a treatment. The estimate and the
    /// interval are those that R prints for it: wilcox.test(x, y, paired = TRUE, conf.int = TRUE).
    /// </summary>
    [Fact]
    public void Estimate_PublishedExample_HasThePublishedInterval()
    {
        double[] before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30],
            after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        Interval interval = SignedRank.Estimate([.. before.Zip(after, (x, y) => x - y)], 0.95);
        Assert.Equal(0.46, interval.Estimate, Tolerance);
        Assert.Equal(0.01, interval.Low, Tolerance);
        Assert.Equal(0.786, interval.High, Tolerance);
    }

    [Fact]
    public void Estimate_FiveValues_CannotGiveTheConfidence()
    {
        Interval interval = SignedRank.Estimate([1, 2, 3, 4, 5], 0.95);
        Assert.Equal(new Interval(3, double.NegativeInfinity, double.PositiveInfinity), interval);
    }

    [Fact]
    public void Estimate_SixValues_SpansAllOfThem() => Assert.Equal(new Interval(3.5, 1, 6), SignedRank.Estimate([3, 1, 2, 6, 5, 4], 0.95));

    [Fact]
    public void Estimate_OneSpoiltValueOfEleven_MovesItLittle()
    {
        Interval interval = SignedRank.Estimate([0, 0.01, -0.01, 0.02, -0.02, 0, 0.01, -0.01, 0.005, -0.005, 50], 0.95);
        Assert.InRange(interval.Estimate, -0.01, 0.01);
        Assert.InRange(interval.Low, -0.02, 0);
    }

    [Fact]
    public void Estimate_AnyOrderShiftAndSign_FollowsTheSample() => Samples.Sample(values =>
    {
        Interval interval = SignedRank.Estimate(values, 0.95);
        Interval shifted = SignedRank.Estimate([.. values.Reverse().Select(v => v + 3)], 0.95);
        Interval negative = SignedRank.Estimate([.. values.Select(v => -v)], 0.95);
        Assert.Equal(interval.Estimate + 3, shifted.Estimate, Tolerance);
        Assert.Equal(interval.Low + 3, shifted.Low, Tolerance);
        Assert.Equal(interval.High + 3, shifted.High, Tolerance);
        Assert.Equal(-interval.High, negative.Low, Tolerance);
        Assert.InRange(interval.Estimate, interval.Low, interval.High);
        Assert.InRange(interval.Low, values.Min(), values.Max());
    });

    [Fact]
    public void Estimate_MoreConfidence_IsAWiderInterval() => Samples.Sample(values =>
    {
        Interval some = SignedRank.Estimate(values, 0.8), more = SignedRank.Estimate(values, 0.95);
        Assert.True(more.Low <= some.Low && some.High <= more.High);
    });

    /// <summary>What confidence means: of many samples without an effect, at most one in twenty has an interval without zero.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(20)]
    public void Estimate_NoEffect_IsMissedAsOftenAsTheConfidenceSays(int values)
    {
        const int samples = 4_000;
        Random random = new(values);
        int missed = 0;
        for (int i = 0; i < samples; i++)
        {
            Interval interval =
                SignedRank.Estimate([.. Enumerable.Range(0, values).Select(_ => Math.Tan(Math.PI * (random.NextDouble() - 0.5)))], 0.95);
            if (interval.Low > 0 || interval.High < 0) missed++;
        }
        Assert.InRange((double)missed / samples, 0.02, 0.06);
    }

    [Fact]
    public void Estimate_MostValues_AreTaken() =>
        Assert.Equal(1, SignedRank.Estimate([.. Enumerable.Repeat(1.0, SignedRank.ValuesMax)], 0.95).Low);

    [Fact]
    public void Estimate_WhatIsNoSample_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SignedRank.Estimate([], 0.95));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignedRank.Estimate(new double[SignedRank.ValuesMax + 1], 0.95));
        Assert.Throws<ArgumentException>(() => SignedRank.Estimate([1, double.NaN], 0.95));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignedRank.Estimate([1], 1));
    }
}
