using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Limits hold for a generation that drains and for the one that has taken over, together.</summary>
public sealed class InheritedSessionsTests
{
    private static readonly SourceKey Key = SourceKey.Of(SourceKeyTests.End("192.0.2.1:1"));

    private static readonly SourceLimits Two = new(2, default, default);

    private readonly SourceTable _table = new(SourceTable.CapacityMin);

    [Fact]
    public void Set_UpAndDown_CountsInTheTable()
    {
        InheritedSessions inherited = new(_table);
        inherited.Set(Key, 2, 0);
        Assert.Equal(SourceVerdict.Sessions, _table.Admit(Key, Two, 0).Verdict);
        inherited.Set(Key, 1, 0);
        Assert.True(_table.Admit(Key, Two, 0).IsAdmitted);
        Assert.Equal((2, 1), (_table.Peek(Key, Two, 0).Sessions, inherited.Sources));
        inherited.Set(Key, 0, 0);
        inherited.Set(Key, 0, 0);
        Assert.Equal((1, 0), (_table.Peek(Key, Two, 0).Sessions, inherited.Sources));
    }

    [Fact]
    public void Clear_OfAGenerationThatHasEnded_LeavesTheOthersSessions()
    {
        InheritedSessions first = new(_table), second = new(_table);
        first.Set(Key, 3, 0);
        second.Set(Key, 4, 0);
        first.Set(SourceKey.OverflowOf(1), 5, 0);
        Assert.Equal(5, _table.ReadCounts(0).OverflowSessions);
        first.Clear(0);
        Assert.Equal((4, 0, 0), (_table.Peek(Key, Two, 0).Sessions, _table.ReadCounts(0).OverflowSessions, first.Sources));
    }
}
