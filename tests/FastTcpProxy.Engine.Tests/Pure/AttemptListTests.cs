using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The attempts of a session: recorded to the limit, counted beyond it.</summary>
public sealed class AttemptListTests
{
    [Fact]
    public void Add_BeyondTheLimit_CountsAndKeepsTheFirst()
    {
        AttemptList list = default;
        for (int i = 0; i < AttemptList.RecordedMax + 3; i++) list.Add(new Attempt((ushort)i, 0, AttemptOutcome.Refused, (uint)i));
        Assert.Equal(AttemptList.RecordedMax + 3, list.Total);
        Assert.Equal(AttemptList.RecordedMax, list.Count);
        for (int i = 0; i < list.Count; i++) Assert.Equal(i, list[i].Upstream);
        Assert.Throws<ArgumentOutOfRangeException>(() => list[AttemptList.RecordedMax]);
    }

    [Fact]
    public void Indexer_NotYetAdded_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => default(AttemptList)[0]);

    [Fact]
    public void EndReason_ToString_IsPartyPhaseCause() =>
        Assert.Equal("upstream.connect.timedOut", new EndReason(EndParty.Upstream, EndPhase.Connect, EndCause.TimedOut).ToString());
}
