using CsCheck;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>Any steps in any order: the table says what a dictionary without a bound says.</summary>
public sealed class SourceTableModelTests
{
    private static readonly SourceLimits Limits = new(3, TokenRate.Of(4, 5), new BanTerms(4, 2_000, 1_000, 8_000));

    private static readonly Gen<SourceKey> Keys = Gen.Int[0, 11].Select(i => i < 4
        ? SourceKey.Of(InetEndPoint.FromIPv4((uint)i, 0), i & 1)
        : SourceKey.Of(InetEndPoint.FromIPv6(((UInt128)i & 3) << 64 | ((UInt128)i & 4) << 70, 0)));

    private enum Kind
    {
        Admit,
        Release,
        Cancel,
        Refuse,
        Ban,
        Pardon,
    }

    private static readonly Gen<(Kind Kind, SourceKey Key, int Which, int PauseMs)> Steps = Gen.Select(
        Gen.Frequency((12, Gen.Const(Kind.Admit)), (6, Gen.Const(Kind.Release)), (1, Gen.Const(Kind.Cancel)), (2, Gen.Const(Kind.Refuse))),
        Keys, Gen.Int[0, 1_000], Gen.Frequency((20, Gen.Int[0, 60]), (2, Gen.Int[0, 3_000]), (1, Gen.Int[0, 20_000])));

    [Fact]
    public void Steps_AnySequence_AreThoseOfTheNaiveModel() => Steps.Array[0, 400].Sample(steps =>
    {
        SourceTable table = new(SourceTable.CapacityMin, new SourceHash(1));
        NaiveSources naive = new();
        List<(SourceHandle Handle, List<SourceKey> Counted)> sessions = [];
        long nowUs = 5_000_000;
        foreach ((Kind kind, SourceKey key, int which, int pauseMs) in steps)
        {
            nowUs += pauseMs * 1_000L;
            if (kind == Kind.Refuse)
            {
                table.Refuse(key, Limits.Ban, nowUs);
                naive[key].Refuse(Limits.Ban, nowUs);
            }
            else if (kind == Kind.Admit)
            {
                SourceAnswer answer = table.Admit(key, Limits, nowUs);
                var expected = naive.Admit(key, Limits, nowUs);
                Assert.Equal((expected.Verdict, expected.PrefixLength), (answer.Verdict, (int)answer.PrefixLength));
                if (answer.IsAdmitted) sessions.Add((answer.Handle, expected.Counted));
            }
            else if (sessions.Count > 0)
            {
                var (handle, counted) = sessions[which % sessions.Count];
                sessions.RemoveAt(which % sessions.Count);
                Assert.True(kind == Kind.Release ? table.Release(handle, nowUs) : table.Cancel(handle, Limits));
                foreach (SourceKey at in counted)
                {
                    if (kind == Kind.Release) naive[at].Sessions--;
                    else naive[at].Undo(Limits);
                }
            }
        }
        foreach ((SourceKey key, NaiveSources.Source source) in naive.All) AssertSame(table.Peek(key, Limits, nowUs), source, nowUs);
    });

    /// <summary>
    /// Many more sources than there is room for, on a table of the least capacity: whatever is evicted, no session and no penalty is lost,
    /// and what had no room is in the overflow.
    /// </summary>
    [Fact]
    public void Steps_OfMoreSourcesThanThereIsRoom_LoseNoSessionAndNoPenalty() => Gen.Int[1, 1_000_000].Sample(seed =>
    {
        Random random = new(seed);
        SourceTable table = new(SourceTable.CapacityMin, new SourceHash((ulong)seed));
        SourceLimits limits = new(0, TokenRate.Of(50, 1_000), new BanTerms(2, 500, 500, 4_000));
        Dictionary<SourceKey, int> sessions = [];
        Dictionary<SourceKey, long> bannedUntilUs = [];
        List<(SourceKey Key, SourceHandle Handle, bool IsOverflow)> open = [];
        long nowUs = 1_000_000;
        for (int i = 0; i < 20_000; i++)
        {
            nowUs += random.Next(300);
            SourceKey key = SourceKey.Of(InetEndPoint.FromIPv4((uint)random.Next(4_000), 0));
            int dice = random.Next(100), openMax = seed % 2 == 0 ? 700 : 1_300;
            if (dice < 5)
            {
                if (table.Refuse(key, limits.Ban, nowUs)) bannedUntilUs[key] = table.Peek(key, limits, nowUs).BannedUntilUs;
            }
            else if (open.Count > 0 && (dice < 40 || open.Count > openMax))
            {
                int which = random.Next(open.Count);
                Assert.True(table.Release(open[which].Handle, nowUs));
                if (!open[which].IsOverflow) sessions[open[which].Key]--;
                open.RemoveAt(which);
            }
            else
            {
                SourceAnswer answer = table.Admit(key, limits, nowUs);
                if (bannedUntilUs.GetValueOrDefault(key) > nowUs + 1_000) Assert.Equal(SourceVerdict.Banned, answer.Verdict);
                if (!answer.IsAdmitted) continue;
                open.Add((key, answer.Handle, answer.IsOverflow));
                if (!answer.IsOverflow) sessions[key] = sessions.GetValueOrDefault(key) + 1;
            }
        }
        foreach ((SourceKey key, int count) in sessions) Assert.Equal(count, table.Peek(key, limits, nowUs).Sessions);
        SourceTableCounts counts = table.ReadCounts(nowUs);
        Assert.Equal(open.Count(s => s.IsOverflow), counts.OverflowSessions);
        Assert.True(counts.Evicted > 1_000);
        foreach ((_, SourceHandle handle, _) in open) Assert.True(table.Release(handle, nowUs));
        Assert.All(sessions.Keys, key => Assert.Equal(0, table.Peek(key, limits, nowUs).Sessions));
        Assert.Equal(0, table.ReadCounts(nowUs).OverflowSessions);
    }, iter: 20);

    private static void AssertSame(SourceState state, NaiveSources.Source source, long nowUs)
    {
        bool isOffender = source.IsOffender(nowUs, Limits.Ban);
        Assert.Equal((source.Sessions, source.Tokens(Limits.Connections, nowUs), source.Refusals(nowUs, Limits.Ban), isOffender),
            (state.Sessions, state.TokensLeft, state.Refusals, state.IsOffender));
        Assert.Equal(source.BannedUntilMs > nowUs / 1_000 ? source.BannedUntilMs * 1_000 : 0, state.BannedUntilUs);
    }
}
