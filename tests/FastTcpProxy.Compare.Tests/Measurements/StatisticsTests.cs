using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.Tests.Measurements;

/// <summary>How rounds become figures.</summary>
public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new double[] { 3 }, 3)]
    [InlineData(new double[] { 9, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 3, 100 }, 3.5)]
    public void Median_OfValues_IsTheMiddle(double[] values, double expected) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void Median_OfNothing_IsNoNumber() => Assert.True(double.IsNaN(Statistics.Median([])));

    [Fact]
    public void MedianRatio_OfRounds_IsOfEachRoundsOwnRatio()
    {
        // The ratio of the medians would be 20 / 10.
        Assert.Equal(1.5, Statistics.MedianRatio([15, 20, 60], [10, 40, 5]));
    }

    [Fact]
    public void MedianRatio_WithoutABaseline_IsNone()
    {
        Assert.Null(Statistics.MedianRatio([1, 2], [0, 0]));
        Assert.Null(Statistics.MedianRatio([], []));
    }

    [Fact]
    public void Figure_OfRounds_HasMedianSpreadAndRatio()
    {
        RoundTable rounds = new(3);
        rounds.Add([new(10), new(12)], isStarved: false);
        rounds.Add([new(20), new(30)], isStarved: false);
        rounds.Add([new(30), new(33)], isStarved: false);
        Assert.False(rounds.NeedsMore);
        Figure figure = rounds.ToFigure(1, "peer");
        Assert.Equal((30, 12, 33, 1.2), (figure.Median, figure.Min, figure.Max, figure.Ratio));
        Assert.Equal(1, rounds.ToFigure(0, "ours").Ratio);
        Assert.Null(figure.ProxyUtilization);
    }

    [Fact]
    public void Rounds_StarvedOnes_AreDroppedAndMadeUpFor()
    {
        RoundTable rounds = new(2);
        rounds.Add([new(100)], isStarved: true);
        rounds.Add([new(1)], isStarved: false);
        Assert.True(rounds.NeedsMore);
        rounds.Add([new(3)], isStarved: false);
        Assert.False(rounds.NeedsMore);
        Assert.Equal((1, 2), (rounds.Dropped, rounds.Count));
        Figure figure = rounds.ToFigure(0, "ours");
        Assert.Equal((2, 3), (figure.Median, figure.Max));
        Assert.False(figure.Starved);
    }

    [Fact]
    public void Rounds_TooManyStarved_AreUsedAndMarked()
    {
        RoundTable rounds = new(2);
        for (int i = 0; i < 3; i++) rounds.Add([new(50 + i)], isStarved: true);
        Assert.True(rounds.NeedsMore);
        rounds.Add([new(1)], isStarved: false);
        Assert.False(rounds.NeedsMore);
        Assert.Equal((2, 2), (rounds.Dropped, rounds.Count));
        Assert.True(rounds.ToFigure(0, "ours").Starved);
    }

    [Fact]
    public void Rounds_WithoutAValue_AreNoneOfTheFigure()
    {
        RoundTable rounds = new(1);
        rounds.Add([new(double.NaN)], isStarved: true);
        rounds.Add([new(double.NaN)], isStarved: true);
        Assert.False(rounds.NeedsMore);
        Assert.Equal(2, rounds.Dropped);
        Assert.Contains("starved", Assert.Throws<InvalidOperationException>(() => rounds.ToFigure(0, "ours")).Message);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Figure_LoadBound_TakesMostRounds(int bound, bool marked)
    {
        RoundTable rounds = new(3);
        for (int i = 0; i < 3; i++) rounds.Add([new(1, null, IsLoadBound: i < bound)], isStarved: false);
        Assert.Equal(marked, rounds.ToFigure(0, "ours").LoadBound);
    }

    [Theory]
    [InlineData(0.95, 0.89, 1, true)]
    [InlineData(0.94, 0.89, 1, false)]
    [InlineData(0.95, 0.90, 1, false)]
    [InlineData(0.99, 1.75, 2, true)]
    [InlineData(0.99, 1.80, 2, false)]
    public void LoadBound_IsFullLoadAndProxyThatWaits(double load, double proxy, int threads, bool expected) =>
        Assert.Equal(expected, Saturation.IsLoadBound(load, proxy, threads));

    [Theory]
    [InlineData(0.74, 0.74, 1, 1, true, true)]
    [InlineData(0.75, 0.10, 1, 1, true, false)]
    [InlineData(0.10, 0.75, 1, 1, true, false)]
    [InlineData(0.90, 0.90, 2, 2, false, false)]   // two CPUs shared by both: full
    [InlineData(0.70, 0.70, 2, 2, false, true)]
    public void Starved_IsWhenNobodyWorked(double proxy, double load, int threads, int processes, bool pinned, bool expected)
    {
        LoadResult result = new() { Seconds = 1, ProxyCpuSeconds = proxy, LoadCpuSeconds = load, Processes = processes };
        Assert.Equal(expected, Saturation.IsStarved(result, threads, pinned, cpus: 2));
    }

    [Fact]
    public void Late_IsWhenTheLoadIsAQuarterOfWhatItFound()
    {
        Assert.False(Saturation.IsLate(25, 100));
        Assert.True(Saturation.IsLate(26, 100));
    }

    [Theory]
    [InlineData(1_024, 460)]
    [InlineData(20_000, 9_000)]
    [InlineData(1_000_000, 9_000)]
    [InlineData(1, 1)]
    public void MemoryConnections_FollowTheDescriptors(int descriptors, int expected) =>
        Assert.Equal(expected, MemoryMeasurement.ConnectionsFor(descriptors));
}
