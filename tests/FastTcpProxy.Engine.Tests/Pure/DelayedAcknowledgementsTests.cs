using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Pure;

public sealed class DelayedAcknowledgementsTests
{
    [Fact]
    public void AFewStallsInARowAreBelievedForGood()
    {
        DelayedAcknowledgements acknowledgements = new();
        for (int gap = 1; gap < DelayedAcknowledgements.GapsBelieved; gap++) acknowledgements.OnGap(40);
        Assert.True(acknowledgements.MayWait);
        acknowledgements.OnGap(40);
        Assert.False(acknowledgements.MayWait);
        for (int i = 0; i < 1000; i++) acknowledgements.OnGap(0);
        Assert.False(acknowledgements.MayWait);
    }

    [Theory]
    [InlineData(DelayedAcknowledgements.GapMinMs, false)]
    [InlineData(DelayedAcknowledgements.GapMaxMs, false)]
    [InlineData(DelayedAcknowledgements.GapMinMs - 1, true)]
    [InlineData(DelayedAcknowledgements.GapMaxMs + 1, true)]
    [InlineData(0, true)]
    [InlineData(5_000, true)]
    public void OnlyTheGapOfADelayedAcknowledgementCounts(long gap, bool mayWait)
    {
        DelayedAcknowledgements acknowledgements = new();
        for (int i = 0; i < 100; i++) acknowledgements.OnGap(gap);
        Assert.Equal(mayWait, acknowledgements.MayWait);
    }

    [Fact]
    public void AServerThatTakesItsTimeNowAndThenIsNotOneThatStalls()
    {
        DelayedAcknowledgements acknowledgements = new();
        for (int i = 0; i < 10_000; i++) acknowledgements.OnGap(i % (DelayedAcknowledgements.OthersForEach + 1) == 0 ? 40 : 3);
        Assert.True(acknowledgements.MayWait);
    }

    [Fact]
    public void AServerThatStallsEveryOtherTimeIsFound()
    {
        DelayedAcknowledgements acknowledgements = new();
        for (int i = 0; i < 10; i++) acknowledgements.OnGap(i % 2 == 0 ? 40 : 3);
        Assert.False(acknowledgements.MayWait);
    }
}
