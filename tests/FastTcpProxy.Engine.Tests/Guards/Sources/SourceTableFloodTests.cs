using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>More sources than there is room for: what stays, what is limited together, and what it costs in memory.</summary>
public sealed class SourceTableFloodTests
{
    private const int Established = 500, Flood = 300_000;

    private static readonly SourceLimits Limits = new(2, TokenRate.Of(10, 20), new BanTerms(20, 60_000, 60_000, 86_400_000));

    private readonly SourceTable _table = new();
    private long _nowUs = 1_000_000;

    /// <summary>300,000 IPv6 sources that all keep a session, in a table of 200,000, after 500 that are as full as they may be.</summary>
    [Fact]
    public void Flood_OfSourcesThatStay_HurtsNoEstablishedOne()
    {
        SourceHandle[] held = Establish();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int admitted = 0, shared = 0;
        for (int i = 0; i < Flood; i++)
        {
            SourceAnswer answer = _table.Admit(OfFlood(i), Limits, _nowUs += 10);
            if (answer.IsAdmitted && !answer.IsOverflow) admitted++;
            if (answer.IsAdmitted && answer.IsOverflow) shared++;
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        SourceTableCounts counts = _table.ReadCounts(_nowUs);
        Assert.Equal((_table.Capacity, 200_000), (counts.Capacity, counts.Capacity));
        Assert.InRange(admitted + Established, counts.Used, counts.Capacity);
        Assert.True(counts.Used > counts.Capacity * 0.98, $"{counts}");
        // All that had no room are one source: two sessions, and not one more.
        Assert.Equal((2, 2, Flood - admitted - 2L), (shared, counts.OverflowAdmitted, counts.OverflowRefused));
        Assert.Equal((2, 0), (counts.OverflowSessions, counts.Evicted));
        Assert.Equal((counts.Used, 0, 0), (counts.Pinned, counts.Bans, counts.Vouched));
        AssertEstablishedKeepTheirLimits(held);
    }

    /// <summary>A flood that leaves at once ages out itself and others that have nothing open and nothing against them.</summary>
    [Fact]
    public void Flood_OfSourcesThatLeave_EvictsNoEstablishedOne()
    {
        SourceHandle[] held = Establish();
        SourceKey banned = OfFlood(Flood + 1);
        _table.Ban(banned, _nowUs + 60_000_000, Limits.Ban, _nowUs);
        for (int i = 0; i < 2 * Flood; i++)
        {
            SourceAnswer answer = _table.Admit(OfFlood(i % Flood), Limits, _nowUs += 10);
            Assert.True(answer.IsAdmitted && !answer.IsOverflow);
            _table.Release(answer.Handle, _nowUs);
        }
        SourceTableCounts counts = _table.ReadCounts(_nowUs);
        Assert.True(counts.Evicted > 100_000, $"{counts}");
        Assert.Equal((0, 0, Established + 1, 1), (counts.OverflowAdmitted, counts.OverflowRefused, counts.Pinned, counts.Bans));
        Assert.Equal(SourceVerdict.Banned, _table.Admit(banned, Limits, _nowUs).Verdict);
        AssertEstablishedKeepTheirLimits(held);
    }

    /// <summary>Those that come again and again stay, although each source of the flood is newer than they are.</summary>
    [Fact]
    public void Flood_BetweenClientsThatComeAgain_DoesNotAgeThem()
    {
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < Established; i++)
                _table.Release(_table.Admit(OfEstablished(i), default, _nowUs += 10).Handle, _nowUs);
            for (int i = 0; i < 2_000; i++)
                _table.Release(_table.Admit(OfFlood(round * 2_000 + i), default, _nowUs += 10).Handle, _nowUs);
        }
        Assert.True(_table.ReadCounts(_nowUs).Evicted > 100_000);
        Assert.InRange(Enumerable.Range(0, Established).Count(i => _table.Peek(OfEstablished(i), default, _nowUs).IsKnown),
            Established - 5, Established);
    }

    /// <summary>Those that were served once stay, although each source of a flood comes twice and they do not.</summary>
    [Fact]
    public void Flood_OfStrangers_EvictsNoneThatWasServed()
    {
        for (int i = 0; i < Established; i++)
            _table.Release(_table.Admit(OfEstablished(i), Limits, _nowUs).Handle, _nowUs, wasServed: true);
        for (int i = 0; i < 2 * Flood; i++) _table.Release(_table.Admit(OfFlood(i / 2), Limits, _nowUs += 10).Handle, _nowUs);
        Assert.True(_table.ReadCounts(_nowUs).Evicted > 90_000);
        for (int i = 0; i < Established; i++) Assert.Equal(SourceRank.Served, _table.Admit(OfEstablished(i), Limits, _nowUs).Rank);
    }

    /// <summary>A source whose bucket is not full goes last: with its entry it would get a burst anew.</summary>
    [Fact]
    public void Eviction_OfSourcesWithoutSessions_TakesThoseWithFullBucketsFirst()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        SourceLimits slow = new(0, TokenRate.Of(0.001, 1), default);
        const int Indebted = 300;
        for (int i = 0; i < Indebted; i++) table.Release(table.Admit(OfEstablished(i), slow, _nowUs).Handle, _nowUs);
        for (int i = 0; i < 20_000; i++) table.Release(table.Admit(OfFlood(i), default, _nowUs).Handle, _nowUs);
        Assert.True(table.ReadCounts(_nowUs).Evicted > 10_000);
        for (int i = 0; i < Indebted; i++) Assert.Equal(SourceVerdict.Rate, table.Admit(OfEstablished(i), slow, _nowUs).Verdict);
    }

    [Fact]
    public void Overflow_OfAScope_IsNotThatOfAnother()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        for (int i = 0; i < 2 * SourceTable.CapacityMin; i++) table.Adopt(OfFlood(i), _nowUs);
        SourceKey[] strangers = [OfEstablished(1), OfEstablished(2), OfEstablished(3)];
        Assert.Equal([(true, true), (true, true), (false, true)], strangers.Select(key => At(key.InScope(5))));
        Assert.Equal((true, true), At(strangers[0].InScope(SourceKey.ScopesMax - 1)));
        Assert.Equal(2, table.Peek(SourceKey.OverflowOf(5), Limits, _nowUs).Sessions);
        Assert.False(table.Ban(strangers[0], _nowUs + 1_000_000, Limits.Ban, _nowUs));

        (bool, bool) At(SourceKey key) => table.Admit(key, Limits, _nowUs) is var answer ? (answer.IsAdmitted, answer.IsOverflow) : default;
    }

    /// <summary>The bucket of bytes keeps an entry as that of connections does.</summary>
    [Fact]
    public void Eviction_OfSourcesThatOweBytes_TakesOthersFirst()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        SourceLimits slow = new(0, default, default, ToClient: ByteRate.Of(1, 1));
        for (int i = 0; i < 300; i++)
        {
            SourceHandle handle = table.Admit(OfEstablished(i), slow, _nowUs).Handle;
            table.TakeBytes(handle, isFromClient: false, 1_000, slow, _nowUs);
            table.Release(handle, _nowUs);
        }
        for (int i = 0; i < 20_000; i++) table.Release(table.Admit(OfFlood(i), default, _nowUs).Handle, _nowUs);
        for (int i = 0; i < 300; i++) Assert.Equal(999_000_000, table.Peek(OfEstablished(i), slow, _nowUs).RestToClientUs);
    }

    /// <summary>A session that was counted in the overflow leaves it there, although there is room for its source by then.</summary>
    [Fact]
    public void Release_OfTheOverflow_FindsIt()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        List<SourceHandle> held = [.. Enumerable.Range(0, 2 * SourceTable.CapacityMin).Select(i => table.Adopt(OfFlood(i), _nowUs))];
        SourceAnswer stranger = table.Admit(OfEstablished(0), default, _nowUs);
        Assert.True(stranger.IsAdmitted && stranger.IsOverflow);
        long before = table.ReadCounts(_nowUs).OverflowSessions;
        Assert.All(held, handle => Assert.True(table.Release(handle, _nowUs)));
        Assert.False(table.Admit(OfEstablished(0), default, _nowUs).IsOverflow);
        Assert.Equal(1, table.ReadCounts(_nowUs).OverflowSessions);
        Assert.True(before > 1 && table.Release(stranger.Handle, _nowUs));
        Assert.Equal(0, table.ReadCounts(_nowUs).OverflowSessions);
        Assert.Equal(1, table.Peek(OfEstablished(0), default, _nowUs).Sessions);
    }

    /// <summary>Sources for which there is no room stay strangers, although one of them was served.</summary>
    [Fact]
    public void Overflow_OfWhichOneWasServed_HasNoRank()
    {
        SourceTable table = new(SourceTable.CapacityMin);
        for (int i = 0; i < 2 * SourceTable.CapacityMin; i++) table.Adopt(OfFlood(i), _nowUs);
        SourceAnswer served = table.Admit(OfEstablished(0), default, _nowUs);
        Assert.True(table.Release(served.Handle, _nowUs, wasServed: true));
        SourceAnswer stranger = table.Admit(OfEstablished(1), default, _nowUs);
        Assert.Equal((true, SourceRank.Stranger), (stranger.IsOverflow, stranger.Rank));
    }

    /// <summary>What a table is filled to before a source finds no room: nearly all of it, by two sets for each source.</summary>
    [Fact]
    public void Room_IsFoundUntilTheTableIsNearlyFull()
    {
        int i = 0;
        while (!_table.Admit(OfFlood(i), default, _nowUs).IsOverflow) i++;
        Assert.True(i > 0.9 * _table.Capacity, $"{i} of {_table.Capacity}");
    }

    [Fact]
    public void Steps_OfEachKind_AllocateNothing()
    {
        ByteRate rate = ByteRate.Of(1_000, 1);
        SourceLimits one = new(1, TokenRate.Of(1_000, 10), new BanTerms(3, 60_000, 1_000, 1_000), rate, rate);
        int i = 0;
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int n = 0; n < 1_000; n++, i++)
            {
                SourceKey key = OfFlood(i);
                SourceHandle handle = _table.Admit(key, one, _nowUs += 10).Handle;
                _table.Admit(key, one, _nowUs);
                _table.Admit(key, one, _nowUs);
                _table.Peek(key, one, _nowUs);
                _table.TakeBytes(handle, isFromClient: true, n, one, _nowUs);
                _table.Release(handle, _nowUs);
                _table.Cancel(_table.Admit(key, one, _nowUs).Handle, one);
                _table.Refuse(key, one.Ban, _nowUs);
                _table.Admit(key, one, _nowUs);
                _table.Pardon(key, _nowUs);
                _table.Release(_table.Adopt(key, _nowUs), _nowUs);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.Equal(0, least);
    }

    private static SourceKey OfEstablished(int i) => SourceKey.Of(InetEndPoint.FromIPv4((uint)i, 0));

    /// <summary>Each in a site of its own.</summary>
    private static SourceKey OfFlood(int i) => SourceKey.Of(InetEndPoint.FromIPv6(new UInt128(0x2001_0DB8_0000_0000 + (ulong)i, 1), 0));

    private SourceHandle[] Establish() => [.. Enumerable.Range(0, Established * Limits.SessionsMax)
        .Select(i => _table.Admit(OfEstablished(i / Limits.SessionsMax), Limits, _nowUs).Handle)];

    private void AssertEstablishedKeepTheirLimits(SourceHandle[] held)
    {
        for (int i = 0; i < Established; i++)
        {
            Assert.Equal(SourceVerdict.Sessions, _table.Admit(OfEstablished(i), Limits, _nowUs).Verdict);
            Assert.True(_table.Release(held[i * Limits.SessionsMax], _nowUs));
            SourceAnswer next = _table.Admit(OfEstablished(i), Limits, _nowUs);
            Assert.Equal((SourceVerdict.Admitted, false), (next.Verdict, next.IsOverflow));
            Assert.Equal(SourceVerdict.Sessions, _table.Admit(OfEstablished(i), Limits, _nowUs).Verdict);
        }
    }
}
