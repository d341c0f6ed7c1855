using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>What the table says of one source and of the networks around it, step by step.</summary>
public sealed class SourceTableTests
{
    private const long Second = 1_000_000;

    private static readonly BanTerms Ban = new(After: 3, WithinMs: 60_000, ForMs: 60_000, MaxMs: 86_400_000);
    private static readonly SourceLimits TwoSessions = new(2, default, Ban);
    private static readonly SourceLimits OneASecond = new(0, TokenRate.Of(1, 2), Ban);

    private readonly SourceTable _table = new(SourceTable.CapacityMin);

    [Fact]
    public void Admit_AsManySessionsAsItMayHave_AndNoMoreUntilOneEnds()
    {
        SourceKey key = Key("192.0.2.1:1");
        SourceHandle first = Admitted(key, TwoSessions), second = Admitted(key, TwoSessions);
        Assert.Equal(new SourceAnswer(SourceVerdict.Sessions, default, 0, 32, false), _table.Admit(key, TwoSessions, Second));
        Assert.True(_table.Admit(Key("192.0.2.2:1"), TwoSessions, Second).IsAdmitted);
        Assert.True(_table.Release(first, Second));
        Admitted(key, TwoSessions);
        Assert.True(_table.Release(second, Second));
        Assert.Equal(1, _table.Peek(key, TwoSessions, Second).Sessions);
    }

    [Fact]
    public void Admit_FasterThanItMay_SaysWhenThereIsRoom()
    {
        SourceKey key = Key("192.0.2.1:1");
        Admitted(key, OneASecond);
        Admitted(key, OneASecond);
        Assert.Equal(new SourceAnswer(SourceVerdict.Rate, default, 2 * Second, 32, false), _table.Admit(key, OneASecond, Second));
        Assert.Equal((0, 2 * Second), (_table.Peek(key, OneASecond, Second).TokensLeft, _table.Peek(key, OneASecond, Second).RoomAtUs));
        Assert.False(_table.Admit(key, OneASecond, 2 * Second - 1).IsAdmitted);
        Assert.True(_table.Admit(key, OneASecond, 2 * Second).IsAdmitted);
    }

    [Fact]
    public void Admit_RefusedTooOften_IsBannedForATime()
    {
        SourceKey key = Key("192.0.2.1:1");
        SourceHandle first = Admitted(key, TwoSessions);
        Admitted(key, TwoSessions);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i, _table.Peek(key, TwoSessions, Second).Refusals);
            Assert.Equal(SourceVerdict.Sessions, _table.Admit(key, TwoSessions, Second).Verdict);
        }
        _table.Release(first, Second);
        Assert.Equal(new SourceAnswer(SourceVerdict.Banned, default, 61 * Second, 32, false), _table.Admit(key, TwoSessions, Second));
        SourceState state = _table.Peek(key, TwoSessions, Second);
        Assert.Equal((61 * Second, 61 * Second, 0, true), (state.BannedUntilUs, state.RoomAtUs, state.BanLevel, state.IsOffender));
        Assert.Equal(SourceVerdict.Banned, _table.Admit(key, TwoSessions, 61 * Second - 1_000).Verdict);
        Assert.True(_table.Admit(key, TwoSessions, 61 * Second).IsAdmitted);
        for (int i = 0; i < 3; i++) _table.Admit(key, TwoSessions, 61 * Second);
        Assert.Equal((61 + 120) * Second, _table.Admit(key, TwoSessions, 61 * Second).RoomAtUs);
    }

    [Fact]
    public void Ban_BySomethingElse_HoldsUntilItIsPardoned()
    {
        SourceKey key = Key("192.0.2.1:1");
        Assert.True(_table.Ban(key, 10 * Second, Ban, Second));
        Assert.Equal((SourceVerdict.Banned, 10 * Second), (_table.Admit(key, TwoSessions, Second).Verdict,
            _table.Admit(key, TwoSessions, Second).RoomAtUs));
        Assert.True(_table.Pardon(key, Second));
        Assert.True(_table.Admit(key, TwoSessions, Second).IsAdmitted);
        Assert.False(_table.Peek(key, TwoSessions, Second).IsOffender);
        Assert.False(_table.Pardon(Key("192.0.2.2:1"), Second));
        Assert.Equal((false, false, true),
            (_table.Refuse(key, Ban, Second), _table.Refuse(key, Ban, Second), _table.Refuse(key, Ban, Second)));
    }

    [Fact]
    public void Release_Twice_IsSeen()
    {
        SourceHandle handle = Admitted(Key("192.0.2.1:1"), TwoSessions);
        Assert.True(_table.Release(handle, Second));
        Assert.False(_table.Release(handle, Second));
        Assert.False(_table.Cancel(handle, TwoSessions));
        Assert.True(_table.Release(default, Second));
    }

    [Fact]
    public void Cancel_GivesSessionAndTokenBack()
    {
        SourceKey key = Key("192.0.2.1:1");
        for (int i = 0; i < 10; i++) Assert.True(_table.Cancel(Admitted(key, OneASecond), OneASecond));
        SourceState state = _table.Peek(key, OneASecond, Second);
        Assert.Equal((0, 2, SourceRank.Stranger), (state.Sessions, state.TokensLeft, state.Rank));
        Assert.True(_table.Release(Admitted(key, OneASecond), Second, wasServed: true));
        Assert.Equal(SourceRank.Served, _table.Peek(key, OneASecond, Second).Rank);
    }

    [Fact]
    public void Adopt_OverTheLimit_IsCounted()
    {
        SourceKey key = Key("192.0.2.1:1");
        SourceHandle[] adopted = [_table.Adopt(key, Second), _table.Adopt(key, Second), _table.Adopt(key, Second)];
        Assert.Equal((3, 2), (_table.Peek(key, OneASecond, Second).Sessions, _table.Peek(key, OneASecond, Second).TokensLeft));
        Assert.Equal(SourceVerdict.Sessions, _table.Admit(key, TwoSessions, Second).Verdict);
        _table.Release(adopted[0], Second);
        _table.Release(adopted[1], Second);
        Admitted(key, TwoSessions);
    }

    [Fact]
    public void Admit_AnotherScope_CountsByItself()
    {
        SourceKey ofAll = Key("192.0.2.1:1"), ofService = ofAll.InScope(1);
        Admitted(ofAll, TwoSessions);
        Admitted(ofAll, TwoSessions);
        Admitted(ofService, TwoSessions);
        Assert.Equal((2, 1), (_table.Peek(ofAll, default, Second).Sessions, _table.Peek(ofService, default, Second).Sessions));
    }

    [Fact]
    public void Admit_WithoutLimits_OnlyCounts()
    {
        SourceKey key = Key("192.0.2.1:1");
        for (int i = 0; i < 1_000; i++) Admitted(key, default);
        Assert.Equal((1_000, int.MaxValue), (_table.Peek(key, default, Second).Sessions, _table.Peek(key, default, Second).TokensLeft));
    }

    /// <summary>Networks that offend have one limit together, those that do not have their own.</summary>
    [Fact]
    public void Admit_OffendersOfOneSite_AreLimitedTogether()
    {
        SourceKey[] offenders = [Key("[2001:db8:0:1::1]:1"), Key("[2001:db8:0:2::1]:1")];
        foreach (SourceKey offender in offenders) Offend(offender);
        Admitted(offenders[0], TwoSessions);
        Admitted(offenders[1], TwoSessions);
        AssertRefused(offenders[0], SourceVerdict.Sessions, 56);
        Assert.Equal(2, _table.Peek(Key("[2001:db8::]:1").Widen(56), TwoSessions, Second).Sessions);
        Assert.Equal(1, _table.Peek(offenders[0], TwoSessions, Second).Sessions);
        Admitted(Key("[2001:db8:0:3::1]:1"), TwoSessions);
        Admitted(Key("[2001:db8:0:3::1]:1"), TwoSessions);
        SourceKey elsewhere = Key("[2001:db8:0:100::1]:1");
        Offend(elsewhere);
        Admitted(elsewhere, TwoSessions);
        Admitted(elsewhere, TwoSessions);
    }

    [Fact]
    public void Admit_OffendingSitesOfALargeSite_AreLimitedTogether()
    {
        SourceKey[] offenders = [Key("[2001:db8:0:100::1]:1"), Key("[2001:db8:0:200::1]:1")];
        SourceHandle[] held = new SourceHandle[2];
        for (int i = 0; i < 2; i++)
        {
            Offend(offenders[i]);
            _table.Refuse(offenders[i].Widen(56), Ban, Second);
            held[i] = Admitted(offenders[i], TwoSessions);
        }
        AssertRefused(offenders[0], SourceVerdict.Sessions, 48);
        Assert.Equal((1, 1, 2), Sessions());
        Assert.True(_table.Release(held[1], Second));
        Assert.Equal((1, 1, 1), Sessions());
        Assert.True(_table.Cancel(held[0], TwoSessions));
        Assert.Equal((0, 0, 0), Sessions());

        (int, int, int) Sessions() => (_table.Peek(offenders[0], default, Second).Sessions,
            _table.Peek(offenders[0].Widen(56), default, Second).Sessions, _table.Peek(offenders[0].Widen(48), default, Second).Sessions);
    }

    /// <summary>What its site refuses is held against the source too, and it keeps its token.</summary>
    [Fact]
    public void Admit_RefusedByItsSite_IsHeldAgainstIt()
    {
        SourceKey key = Key("[2001:db8:0:1::1]:1");
        SourceLimits limits = OneASecond with { SessionsMax = 1 };
        Offend(key);
        Assert.True(_table.Ban(key.Widen(56), 10 * Second, Ban, Second));
        Assert.Equal(new SourceAnswer(SourceVerdict.Banned, default, 10 * Second, 56, false), _table.Admit(key, limits, Second));
        SourceState state = _table.Peek(key, limits, Second);
        Assert.Equal((0, 2, 2), (state.Sessions, state.TokensLeft, state.Refusals));
    }

    [Fact]
    public void Admit_FormerOffender_IsOnItsOwnAgain()
    {
        SourceKey key = Key("[2001:db8:0:1::1]:1");
        Offend(key);
        _table.Adopt(key.Widen(56), Second);
        _table.Adopt(key.Widen(56), Second);
        Assert.False(_table.Admit(key, TwoSessions, Second).IsAdmitted);
        Assert.True(_table.Admit(key, TwoSessions, 63 * Second).IsAdmitted);
    }

    [Theory]
    [InlineData(SourceTable.CapacityMin - 1)]
    [InlineData(SourceTable.CapacityMax + 1)]
    public void Capacity_BeyondItsBounds_IsRefused(int capacity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceTable(capacity));

    private static SourceKey Key(string client) => SourceKey.Of(SourceKeyTests.End(client));

    private void AssertRefused(in SourceKey key, SourceVerdict verdict, byte prefixLength) =>
        Assert.Equal(new SourceAnswer(verdict, default, 0, prefixLength, false), _table.Admit(key, TwoSessions, Second));

    private void Offend(in SourceKey key) => Assert.False(_table.Refuse(key, Ban, Second));

    private SourceHandle Admitted(in SourceKey key, in SourceLimits limits)
    {
        SourceAnswer answer = _table.Admit(key, limits, Second);
        Assert.Equal((SourceVerdict.Admitted, (byte)key.PrefixLength), (answer.Verdict, answer.PrefixLength));
        return answer.Handle;
    }
}
