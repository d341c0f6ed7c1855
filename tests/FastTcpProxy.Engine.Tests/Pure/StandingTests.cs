using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>How an upstream is regarded: every rule, one after the other.</summary>
public sealed class StandingTests
{
    private const long Ramp = 30_000;

    private static readonly HoldTerms Terms = new(After: 3, WindowMs: 10_000, HoldMs: 1_000, HoldMaxMs: 15_000);

    [Fact]
    public void OnBad_EnoughInARow_IsHeld()
    {
        Standing standing = Bad(default, 100, 100);
        Assert.Equal((StandingState.Trusted, 2, 100), (standing.State, standing.Count, standing.AtMs));
        standing = Bad(standing, 101);
        Assert.Equal((StandingState.Held, 0, 1_101), (standing.State, standing.Level, standing.AtMs));
        Assert.True(standing.IsLast);
    }

    [Fact]
    public void OnBad_AnAnswerBetween_BeginsAnew() => Assert.Equal(1, Bad(Bad(default, 1, 2).OnGood(3), 4).Count);

    [Fact]
    public void OnBad_BeyondTheWindow_BeginsAnew()
    {
        Standing standing = Bad(default, 0, 10_000, 10_001);
        Assert.Equal((StandingState.Trusted, 1, 10_001), (standing.State, standing.Count, standing.AtMs));
    }

    [Fact]
    public void Probe_IsDueAfterTheHold_AndSilenceDoublesIt()
    {
        Standing standing = Bad(default, 0, 0, 0);
        Assert.False(standing.IsProbeDue(999));
        Assert.True(standing.IsProbeDue(1_000));
        long nowMs = 1_000;
        long[] holds = new long[6];
        for (int i = 0; i < holds.Length; i++)
        {
            standing = standing.OnProbe(nowMs + 6_000).OnProbeBad(nowMs, Terms, nowMs + 6_000);
            holds[i] = standing.AtMs - nowMs;
            nowMs = standing.AtMs;
        }
        Assert.Equal([2_000, 4_000, 8_000, 15_000, 15_000, 15_000], holds);
    }

    [Fact]
    public void Probe_NeverHeardOf_IsFollowedByAnother() => Assert.Equal((false, true),
        (Bad(default, 0, 0, 0).OnProbe(7_000).IsProbeDue(6_999), Bad(default, 0, 0, 0).OnProbe(7_000).IsProbeDue(7_000)));

    [Fact]
    public void Probe_Lost_IsFollowedByTheNextClient()
    {
        Standing standing = Bad(default, 0, 0, 0).OnProbe(7_000).OnProbeLost(1_200, 7_000);
        Assert.Equal((StandingState.Held, true), (standing.State, standing.IsProbeDue(1_200)));
    }

    /// <summary>The process stood still for longer than a probe may take, and another client probes.</summary>
    [Fact]
    public void Probe_ReplacedByAnother_SaysNothing()
    {
        Standing standing = Bad(default, 0, 0, 0).OnProbe(7_000).OnProbe(14_000);
        Assert.Equal((standing, standing), (standing.OnProbeBad(8_000, Terms, 7_000), standing.OnProbeLost(8_000, 7_000)));
        Assert.Equal(1, standing.OnProbeBad(8_000, Terms, 14_000).Level);
    }

    /// <summary>A check sees a flapping server come back: the next hold is longer all the same, as long as it is watched.</summary>
    [Theory]
    [InlineData(30_999, 2)]
    [InlineData(31_000, 1)]
    public void OnFoundUp_WhileItIsWatched_KeepsTheLevel(long atMs, int nextLevel)
    {
        Standing held = Bad(default, 0, 0, 0).OnProbe(7_000).OnProbeBad(500, Terms, 7_000);
        Standing back = held.OnFoundUp(1_000, Terms, Ramp);
        Assert.Equal((StandingState.Returning, 1, 1_000), (back.State, back.Level, back.AtMs));
        back = Bad(back.OnFoundUp(atMs, Terms, Ramp), atMs + 1, atMs + 1, atMs + 1);
        Assert.Equal((StandingState.Held, nextLevel), (back.State, back.Level));
    }

    [Fact]
    public void OnGood_OfAProbe_Returns()
    {
        Standing standing = Bad(default, 0, 0, 0).OnProbe(7_000).OnGood(1_001);
        Assert.Equal((StandingState.Returning, 1_001), (standing.State, standing.AtMs));
        Assert.Equal(standing, standing.OnGood(1_500));
    }

    [Fact]
    public void OnBad_WhileItReturns_DoublesTheLastHold()
    {
        Standing standing = Bad(Bad(default, 0, 0, 0).OnProbe(7_000).OnGood(1_000), 2_000, 2_000, 2_000);
        Assert.Equal((StandingState.Held, 1, 4_000), (standing.State, standing.Level, standing.AtMs));
    }

    [Fact]
    public void OnBad_AfterItWasWatched_HoldsAsAtFirst()
    {
        Standing standing = Bad(Bad(default, 0, 0, 0).OnProbe(7_000).OnGood(1_000), 31_000, 31_000, 31_000);
        Assert.Equal((StandingState.Held, 0, 32_000), (standing.State, standing.Level, standing.AtMs));
    }

    [Theory]
    [InlineData(StandingState.Held)]
    [InlineData(StandingState.Probing)]
    [InlineData(StandingState.Trusted)]
    public void OnAnswered_LeavesNothingOfASuspicion(StandingState state)
    {
        Standing standing = state == StandingState.Trusted ? Bad(default, 0, 0) : Bad(default, 0, 0, 0);
        if (state == StandingState.Probing) standing = standing.OnProbe(7_000);
        Assert.Equal(state, standing.State);
        Assert.Equal(default, standing.OnAnswered(9_000));
    }

    /// <summary>It was gone and not only slow: it returns, and what it has failed is remembered.</summary>
    [Theory]
    [InlineData(StandingState.Held)]
    [InlineData(StandingState.Probing)]
    public void OnAnswered_AfterAProbeHasFailed_Returns(StandingState state)
    {
        Standing standing = Bad(default, 0, 0, 0).OnProbe(7_000).OnProbeBad(1_100, Terms, 7_000);
        if (state == StandingState.Probing) standing = standing.OnProbe(9_000);
        standing = standing.OnAnswered(3_200);
        Assert.Equal((StandingState.Returning, 1, 3_200), (standing.State, standing.Level, standing.AtMs));
    }

    [Fact]
    public void OnAnswered_DoesNotEndAReturn() => Assert.Equal(Standing.Return(5), Standing.Return(5).OnAnswered(6));

    [Fact]
    public void Word_HoldsTheGreatestValues()
    {
        Standing standing = default;
        HoldTerms terms = Terms with { After = Standing.CountMax, WindowMs = long.MaxValue };
        long year = 365L * 24 * 3_600_000 * 100;
        for (int i = 1; i < Standing.CountMax; i++) standing = standing.OnBad(year, terms, Ramp);
        Assert.Equal((Standing.CountMax - 1, year), (standing.Count, standing.AtMs));
        standing = standing.OnBad(year, terms, Ramp);
        for (int i = 0; i < 100; i++) standing = standing.OnProbe(year).OnProbeBad(year, terms, year);
        Assert.Equal((Standing.LevelMax, year + 15_000), (standing.Level, standing.AtMs));
    }

    [Fact]
    public void Standing_ManyThreads_LosesNoEvidence()
    {
        AddressStanding standing = new();
        HoldTerms terms = Terms with { After = 200, WindowMs = long.MaxValue };
        int held = 0;
        Parallel.For(0, 200, _ =>
        {
            if (standing.Silent(1, terms, Ramp)) Interlocked.Increment(ref held);
        });
        Assert.Equal((StandingState.Held, 1), (standing.Silence.State, held));
        int probes = 0;
        Parallel.For(0, 64, _ =>
        {
            if (standing.TryProbe(5_000, 9_000)) Interlocked.Increment(ref probes);
        });
        Assert.Equal(1, probes);
    }

    [Fact]
    public void Failback_Part_GrowsFromItsStart()
    {
        FailbackPolicy policy = new() { Ramp = TimeSpan.FromSeconds(11), Start = 20 };
        Assert.Equal([200_000, 200_000, 600_000, 1_000_000], new long[] { 0, 1_000, 6_000, 11_000 }.Select(policy.PortionAt));
        Assert.Equal(1_000_000, new FailbackPolicy { Ramp = TimeSpan.FromMilliseconds(1) }.PortionAt(1));
    }

    [Fact]
    public void ConnectTime_Samples_AreSmoothed()
    {
        ConnectTime time = default;
        HedgePolicy policy = HedgePolicy.Default;
        Assert.Equal((250, 250), (policy.DelayMs(time), policy.SilentMs(time)));
        time.Add(1_000);
        Assert.Equal((1_000, 500, 6_000), (time.SmoothedUs, time.DeviationUs, time.UsualMaxUs));
        Assert.Equal(100, policy.DelayMs(time));
        for (int i = 0; i < 100; i++) time.Add(600_000);
        Assert.InRange(time.SmoothedUs, 595_000, 600_000);
        Assert.Equal(1_000, policy.DelayMs(time));
        Assert.InRange(policy.SilentMs(time), 1_190, 1_300);
        Assert.Equal(40, (policy with { Delay = TimeSpan.FromMilliseconds(40) }).DelayMs(time));
    }

    private static Standing Bad(Standing standing, params ReadOnlySpan<long> atMs)
    {
        foreach (long ms in atMs) standing = standing.OnBad(ms, Terms, Ramp);
        return standing;
    }
}
