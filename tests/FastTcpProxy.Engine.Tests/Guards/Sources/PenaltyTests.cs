using CsCheck;
using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Tests.Guards.Sources;

/// <summary>How refusals become a ban, how bans grow, and how they are forgotten.</summary>
public sealed class PenaltyTests
{
    private static readonly BanTerms Terms = new(After: 3, WithinMs: 10_000, ForMs: 1_000, MaxMs: 6_000);

    [Fact]
    public void OnRefused_EnoughWithinTheWindow_Bans()
    {
        Penalty penalty = Refused(default, 100, 10_100);
        Assert.Equal((false, 2, 100), (penalty.IsBan, penalty.Count, penalty.AtMs));
        penalty = Refused(penalty, 10_100);
        Assert.Equal((true, 0, 11_100), (penalty.IsBan, penalty.Level, penalty.AtMs));
        Assert.Equal((true, false), (penalty.IsBannedAt(11_099), penalty.IsBannedAt(11_100)));
    }

    [Fact]
    public void OnRefused_BeyondTheWindow_BeginsAnew()
    {
        Penalty penalty = Refused(default, 100, 100, 10_101);
        Assert.Equal((false, 1, 10_101), (penalty.IsBan, penalty.Count, penalty.AtMs));
        Assert.Equal((1, 0), (penalty.CountAt(20_101, Terms), penalty.CountAt(20_102, Terms)));
    }

    [Fact]
    public void OnRefused_WhileBanned_ChangesNothing()
    {
        Penalty banned = Refused(default, 0, 0, 0);
        Assert.Equal(banned, banned.OnRefused(999, Terms));
    }

    [Fact]
    public void OnRefused_BanAfterBan_IsTwiceAsLongUpToTheLongest()
    {
        Penalty penalty = default;
        long nowMs = 5;
        List<long> lengths = [];
        for (int i = 0; i < 40; i++)
        {
            penalty = Refused(penalty, nowMs, nowMs, nowMs);
            lengths.Add(penalty.AtMs - nowMs);
            nowMs = penalty.AtMs;
        }
        Assert.Equal([1_000, 2_000, 4_000, 6_000, 6_000], lengths[..5]);
        Assert.All(lengths[5..], length => Assert.Equal(6_000, length));
        Assert.Equal(Penalty.LevelMax, penalty.Level);
    }

    /// <summary>The first ban ends at 1,000, and the next one would have level 1.</summary>
    [Theory]
    [InlineData(1_000, 1)]
    [InlineData(1_999, 1)]
    [InlineData(2_000, 0)]
    public void LevelAt_AfterAQuietTimeAsLongAsTheBan_IsOneLess(long nowMs, int level)
    {
        Assert.Equal(level, Refused(default, 0, 0, 0).LevelAt(nowMs, Terms));
        Assert.Equal(level, Refused(default, 0, 0, 0, nowMs).Level);
        Assert.Equal(1_000 << level, Refused(default, 0, 0, 0, nowMs, nowMs, nowMs).AtMs - nowMs);
    }

    /// <summary>The third ban, of 4,000, ends at 7,000: then 4,000, 2,000 and 1,000 of quiet each forget a level.</summary>
    [Theory]
    [InlineData(7_000, 3)]
    [InlineData(10_999, 3)]
    [InlineData(11_000, 2)]
    [InlineData(12_999, 2)]
    [InlineData(13_000, 1)]
    [InlineData(13_999, 1)]
    [InlineData(14_000, 0)]
    public void LevelAt_AfterThreeBans_IsForgottenStepByStep(long nowMs, int level)
    {
        Penalty penalty = Refused(default, 0, 0, 0, 1_000, 1_000, 1_000, 3_000, 3_000, 3_000);
        Assert.Equal((true, 7_000, 14_000), (penalty.IsBan, penalty.AtMs, penalty.EndMs(Terms)));
        Assert.Equal(level, penalty.LevelAt(nowMs, Terms));
    }

    [Fact]
    public void OnRefused_WithoutBans_IsCountedUpToTheMost()
    {
        Penalty penalty = default;
        for (int i = 0; i < Penalty.CountMax + 10; i++) penalty = penalty.OnRefused(50, BanTerms.None);
        Assert.Equal((false, Penalty.CountMax, 50), (penalty.IsBan, penalty.Count, penalty.AtMs));
    }

    [Fact]
    public void OnBanned_LongerBan_Stays()
    {
        Penalty penalty = default(Penalty).OnBanned(500);
        Assert.Equal((true, 500), (penalty.IsBan, penalty.AtMs));
        Assert.Equal(penalty, penalty.OnBanned(499));
        Assert.Equal(501, penalty.OnBanned(501).AtMs);
    }

    [Fact]
    public void OnBanned_ForEver_IsTheLongestThatCanBeSaid() =>
        Assert.True(default(Penalty).OnBanned(long.MaxValue / 1_000).IsBannedAt((1L << 42) - 2));

    [Fact]
    public void Stricter_IsTheLongerBan_ThenTheBan_ThenTheHigherLevel()
    {
        Penalty shorter = default(Penalty).OnBanned(500), longer = default(Penalty).OnBanned(600), counted = Refused(default, 1, 1);
        Penalty[] order = [longer, shorter, counted, Refused(default, 1), default];
        for (int i = 0; i < order.Length; i++)
        {
            for (int j = i; j < order.Length; j++)
            {
                Assert.Equal(order[i], order[i].Stricter(order[j], 100));
                Assert.Equal(order[i], order[j].Stricter(order[i], 100));
            }
        }
    }

    [Theory]
    [InlineData(0, 60_000)]
    [InlineData(10, 60_000 << 10)]
    [InlineData(11, 86_400_000)]
    [InlineData(63, 86_400_000)]
    [InlineData(200, 86_400_000)]
    public void Length_DoublesUpToTheLongest(int level, long expectedMs) =>
        Assert.Equal(expectedMs, new BanTerms(20, 60_000, 60_000, 86_400_000).LengthMs(level));

    /// <summary>Until its end, and not after it, something is left: a ban, a level or a refusal in the window.</summary>
    [Fact]
    public void End_OfAnyPenalty_IsWhenNothingIsLeft() => Gen.Long[0, 9_000].Array[1, 40].Sample(pauses =>
    {
        Penalty penalty = default;
        long nowMs = 0;
        foreach (long pause in pauses) penalty = penalty.OnRefused(nowMs += pause, Terms);
        long endMs = penalty.EndMs(Terms);
        Assert.True(IsLeft(endMs - 1), $"{penalty} at {endMs - 1}");
        Assert.False(IsLeft(endMs), $"{penalty} at {endMs}");

        bool IsLeft(long atMs) => penalty.IsBannedAt(atMs) || penalty.LevelAt(atMs, Terms) > 0 || penalty.CountAt(atMs, Terms) > 0;
    });

    private static Penalty Refused(Penalty penalty, params long[] atMs) =>
        atMs.Aggregate(penalty, (seen, at) => seen.OnRefused(at, Terms));
}
