using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Benchmarks.Tests.Gate;

/// <summary>What is a regression, and what is let pass.</summary>
public sealed class JudgeTests
{
    [Theory]
    [InlineData(100, false)]
    [InlineData(101, false)]
    [InlineData(101.5, true)]
    [InlineData(90, false)]
    public void Exact_HeadAboveTheTolerance_IsARegression(double head, bool regression)
    {
        Verdict verdict = Judge.Exact("bytes", [100], [head], tolerance: 1);
        Assert.Equal(regression, verdict.IsRegression);
        Assert.Equal(head - 100, verdict.Change);
        Assert.Equal(1, verdict.Limit);
    }

    [Fact]
    public void Exact_DisturbedRepeats_AreComparedByTheirLeast()
    {
        Verdict verdict = Judge.Exact("calls", [30.4, 30, 31], [33, 30.1, 30.2], tolerance: 0.3);
        Assert.Equal((30, 30.1, false, 3), (verdict.Base, verdict.Head, verdict.IsRegression, verdict.Samples));
    }

    [Theory]
    // Slowdown, spread to both sides: the whole interval lies above nothing, and the estimate above the floor.
    [InlineData(0.10, 0.01, true)]
    [InlineData(0.10, 0.05, true)]
    [InlineData(0.05, 0.01, true)]
    // Sure, but below the floor.
    [InlineData(0.03, 0.01, false)]
    // Above the floor, but not sure.
    [InlineData(0.10, 0.30, false)]
    [InlineData(0.00, 0.05, false)]
    // Faster, and surely so.
    [InlineData(-0.10, 0.01, false)]
    public void Statistical_SureAndAboveTheFloor_IsARegression(double slowdown, double spread, bool regression)
    {
        Verdict verdict = Judge.Statistical("cost", Pairs(slowdown, spread, count: 7));
        Assert.Equal(regression, verdict.IsRegression);
        Assert.Equal(slowdown, verdict.Change, 0.02);
        Assert.Equal((Judge.SlowdownFloor, Judge.Confidence, 7), (verdict.Limit, verdict.Confidence!.Value, verdict.Samples));
        Assert.True(verdict.ChangeLow < verdict.Change && verdict.Change < verdict.ChangeHigh);
    }

    /// <summary>
    /// Ten per cent on top of what processes of one build were seen to differ by is found every time; nothing on top of it, hardly ever.
    /// </summary>
    [Theory]
    [InlineData(0.10, 0.99, 1.0)]
    [InlineData(0.0, 0.0, 0.01)]
    public void Statistical_NoiseAsMeasured_IsDecidedRight(double slowdown, double least, double most)
    {
        const int runs = 1_000;
        const double spread = 0.025;
        Random random = new(1);
        int regressions = 0;
        for (int run = 0; run < runs; run++)
        {
            CostPair[] pairs =
                [.. Enumerable.Range(0, 7).Select(_ => new CostPair(100, 100 * (1 + slowdown) * Math.Exp(spread * Normal(random))))];
            if (Judge.Statistical("cost", pairs).IsRegression) regressions++;
        }
        Assert.InRange((double)regressions / runs, least, most);
    }

    [Theory]
    // Of a short start 15 % are less than 20 ms: no one waits for that. Of a long one they are more.
    [InlineData(100, 0.20, false)]
    [InlineData(1_000, 0.10, true)]
    public void Statistical_FloorInUnits_CountsWhereItIsTheLarger(double cost, double limit, bool regression)
    {
        CostPair[] pairs = [.. Pairs(0.15, 0.01, count: 7).Select(p => new CostPair(p.Base * cost / 100, p.Head * cost / 100))];
        Verdict verdict = Judge.Statistical("start", pairs, Judge.StartFloor, Judge.StartFloorMs);
        Assert.Equal((limit, regression), (verdict.Limit, verdict.IsRegression));
    }

    [Fact]
    public void Statistical_FewestPairs_AreDecided() =>
        Assert.True(Judge.Statistical("cost", Pairs(0.1, 0.01, Judge.PairsMin)).IsRegression);

    [Fact]
    public void Statistical_TooFewPairs_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Judge.Statistical("cost", Pairs(0.1, 0.01, Judge.PairsMin - 1)));

    [Fact]
    public void Middle_Rounds_TakesTheMedianOfTheirOwnRatios()
    {
        // The machine was slow in the second round, for both; the third was spoilt for the head.
        CostPair? middle = CostPair.Middle([new CostPair(10, 11), new CostPair(20, 22), new CostPair(10, 50)]);
        Assert.Equal(new CostPair(10, 22, 1.1), middle);
        Assert.Null(CostPair.Middle([]));
    }

    private static CostPair[] Pairs(double slowdown, double spread, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new CostPair(100, 100 * (1 + slowdown + (spread * ((2.0 * i / (count - 1)) - 1)))))];

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
