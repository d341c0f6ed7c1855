using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Sources that something vouches for: until when, how many, and what that changes.</summary>
public sealed class SourceTableVouchedTests
{
    private const long Second = 1_000_000;

    private readonly SourceTable _table = new(SourceTable.CapacityMin);

    [Fact]
    public void Vouch_Source_HasTheHighestRankUntilThen()
    {
        Assert.True(_table.Vouch(Key(1), 10 * Second, Second));
        Assert.Equal(SourceRank.Vouched, Rank(1, 10 * Second - 1));
        Assert.Equal(SourceRank.Stranger, Rank(1, 10 * Second));
        Assert.Equal(SourceRank.Stranger, Rank(2, Second));
        _table.Release(_table.Admit(Key(1), default, Second).Handle, Second, wasServed: true);
        Assert.Equal((SourceRank.Vouched, SourceRank.Served), (Rank(1, Second), Rank(1, 10 * Second)));
    }

    [Fact]
    public void Vouch_Again_SaysUntilWhenAnew()
    {
        _table.Vouch(Key(1), 10 * Second, Second);
        _table.Vouch(Key(1), 5 * Second, Second);
        Assert.Equal((SourceRank.Vouched, SourceRank.Stranger), (Rank(1, 4 * Second), Rank(1, 5 * Second)));
    }

    [Fact]
    public void Withdraw_Source_IsAStrangerAgain()
    {
        _table.Vouch(Key(1), 10 * Second, Second);
        Assert.True(_table.Withdraw(Key(1), Second));
        Assert.Equal(SourceRank.Stranger, Rank(1, Second));
        Assert.False(_table.Withdraw(Key(1), Second));
        Assert.Equal(0, _table.ReadCounts(Second).Vouched);
    }

    /// <summary>Vouching gives no licence: limits and bans hold.</summary>
    [Fact]
    public void Vouch_BannedSource_StaysBanned()
    {
        _table.Ban(Key(1), 10 * Second, BanTerms.None, Second);
        _table.Vouch(Key(1), 20 * Second, Second);
        Assert.Equal(SourceVerdict.Banned, _table.Admit(Key(1), default, Second).Verdict);
    }

    [Fact]
    public void Vouch_OneMoreThanTheMost_TheOldestLeaves()
    {
        for (int i = 0; i < _table.VouchedMax; i++) _table.Vouch(Key(i), 100 * Second, Second);
        _table.Vouch(Key(0), 100 * Second, Second);
        Assert.Equal(_table.VouchedMax, _table.ReadCounts(Second).Vouched);
        _table.Vouch(Key(10_000), 100 * Second, Second);
        Assert.Equal((SourceRank.Vouched, SourceRank.Stranger, SourceRank.Vouched, SourceRank.Vouched),
            (Rank(0, Second), Rank(1, Second), Rank(2, Second), Rank(10_000, Second)));
        Assert.Equal((_table.VouchedMax, _table.VouchedMax + 1), (_table.ReadCounts(Second).Vouched, _table.ReadCounts(Second).Used));
    }

    [Fact]
    public void Flood_OfServedSources_EvictsNoneThatIsVouchedForUntilItIsOver()
    {
        for (int i = 0; i < _table.VouchedMax; i++) _table.Vouch(Key(i), 10 * Second, Second);
        Flood(Second, 1_000_000);
        Assert.Equal(_table.VouchedMax, Enumerable.Range(0, _table.VouchedMax).Count(i => _table.Peek(Key(i), default, Second).IsKnown));
        Flood(10 * Second, 2_000_000);
        Assert.Equal(0, Enumerable.Range(0, _table.VouchedMax).Count(i => _table.Peek(Key(i), default, Second).IsKnown));
        Assert.True(_table.Vouch(Key(1), 20 * Second, 10 * Second));
        Assert.Equal(SourceRank.Vouched, Rank(1, 10 * Second));

        void Flood(long nowUs, int first)
        {
            for (int i = 0; i < 20_000; i++) _table.Release(_table.Adopt(Key(first + i), nowUs), nowUs, wasServed: true);
        }
    }

    [Fact]
    public void Vouch_WithoutRoom_ChangesNothing()
    {
        for (int i = 0; i < 3 * SourceTable.CapacityMin; i++) _table.Adopt(Key(i), Second);
        Assert.False(_table.Vouch(Key(1_000_000), 10 * Second, Second));
        Assert.False(_table.Vouch(SourceKey.OverflowOf(0), 10 * Second, Second));
        Assert.Equal(0, _table.ReadCounts(Second).Vouched);
    }

    private static SourceKey Key(int i) => SourceKey.Of(InetEndPoint.FromIPv4((uint)i, 0));

    private SourceRank Rank(int i, long nowUs) => _table.Peek(Key(i), default, nowUs).Rank;
}
