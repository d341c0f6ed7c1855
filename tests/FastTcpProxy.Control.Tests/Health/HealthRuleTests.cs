using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Rules;

namespace FastTcpProxy.Control.Tests.Health;

/// <summary>What checks make of an upstream's health, as tables. Pure.</summary>
public sealed class HealthRuleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    /// <summary>Checks as letters; states after each as letters (u up, d down), and how often it changed its mind.</summary>
    [Theory]
    [InlineData("g", "u", 0)]
    [InlineData("b", "d", 0)]
    [InlineData("gb", "ud", 1)]
    [InlineData("bg", "du", 1)]
    [InlineData("ggg", "uuu", 0)]
    [InlineData("gbbg", "uddu", 2)]
    [InlineData("bgbgb", "dudud", 4)]
    public void State_FollowsTheLastCheck(string checks, string states, int transitions)
    {
        UpstreamHealth health = UpstreamHealth.Begin(serving: true, Start);
        for (int i = 0; i < checks.Length; i++)
        {
            DateTimeOffset at = Start + i * Interval;
            UpstreamHealth before = health;
            health = Next(health, checks[i] == 'g', at);

            Assert.Equal(states[i] == 'u' ? HealthState.Up : HealthState.Down, health.State);
            Assert.Equal(states[i] == 'u', health.IsServing);
            Assert.Equal(health.State == before.State ? before.Since : at, health.Since);
            Assert.Equal(i + 1, health.Checks);
        }
        Assert.Equal(transitions, health.Transitions);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Initial_ServesAsItIsTold(bool serving)
    {
        UpstreamHealth health = UpstreamHealth.Begin(serving, Start);

        Assert.Equal((HealthState.Initial, serving), (health.State, health.IsServing));
        Assert.Null(health.Last);
    }

    [Fact]
    public void Flapping_BeginsAtTheBoundAndEndsWhenItIsQuiet()
    {
        UpstreamHealth health = UpstreamHealth.Begin(serving: true, Start);
        DateTimeOffset at = Start;
        for (int i = 0; i <= UpstreamHealth.FlapTransitions; i++)
        {
            Assert.False(health.IsFlapping);
            health = Next(health, i % 2 == 0, at);
            at += Interval;
        }
        Assert.True(health.IsFlapping);
        bool last = health.IsServing;

        // The first of the transitions that count was one interval after the start.
        DateTimeOffset ends = Start + Interval + UpstreamHealth.FlapWindow * Interval;
        for (; at < ends; at += Interval)
        {
            health = Next(health, last, at);
            Assert.True(health.IsFlapping);
        }
        Assert.False(Next(health, last, ends).IsFlapping);
    }

    [Fact]
    public void Transitions_ForEver_RememberABoundedNumber()
    {
        UpstreamHealth health = UpstreamHealth.Begin(serving: true, Start);
        for (int i = 0; i < 1000; i++) health = Next(health, i % 2 == 0, Start + i * Interval);

        Assert.Equal(999, health.Transitions);
        Assert.Equal(UpstreamHealth.FlapTransitions, health.RecentTransitions.Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    [InlineData(false)]
    public void Unknown_ChangesNothingButWhatIsSaid(bool? known)
    {
        UpstreamHealth before = UpstreamHealth.Begin(serving: true, Start);
        if (known is { } isGood) before = Next(before, isGood, Start);
        ProbeResult probe = new(ProbeFailure.NoLocalPort, "no port", TimeSpan.FromMilliseconds(2));
        CheckResult unknown = new(false, [probe], Start + Interval, probe.Duration);

        UpstreamHealth after = HealthRule.Next(before, unknown, Interval, Start + 2 * Interval);

        Assert.Equal(before with { Unknown = unknown, NextCheck = Start + 2 * Interval, Checks = before.Checks + 1 }, after);
        Assert.Same(unknown, after.Latest);
        Assert.Same(before.Last, after.Last);
        Assert.Null(Next(after, true, Start + 2 * Interval).Unknown);
    }

    [Fact]
    public void Signs_OfTheProbesOfAllChecks_AreCountedInARow()
    {
        ProbeResult unwanted = new(ProbeFailure.Disconnected, "closed", default) { Sign = HeaderSign.Unwanted };
        ProbeResult good = new(null, "status 200", default);
        UpstreamHealth health = UpstreamHealth.Begin(serving: true, Start);

        health = With(unwanted, unwanted);
        Assert.Equal(new HeaderSigns(HeaderSign.Unwanted, 2), health.Signs);
        Assert.Equal(new HeaderSigns(HeaderSign.Unwanted, 3), (health = With(unwanted)).Signs);
        Assert.Equal(new HeaderSigns(HeaderSign.Unwanted, 1), (health = With(good, unwanted)).Signs);
        Assert.Equal(default, With(good).Signs);

        UpstreamHealth With(params ProbeResult[] probes) =>
            HealthRule.Next(health, new CheckResult(false, [.. probes], Start, default), Interval, Start);
    }

    [Fact]
    public void Unknown_AreTheLacksOfThisMachine() => Assert.Equal(
        [ProbeFailure.NoLocalPort, ProbeFailure.NoDescriptor, ProbeFailure.NoMemory],
        Enum.GetValues<ProbeFailure>().Where(failure => new ProbeResult(failure, "", default).IsUnknown));

    private static UpstreamHealth Next(UpstreamHealth before, bool isGood, DateTimeOffset at)
    {
        ProbeResult probe = new(isGood ? null : ProbeFailure.Status, isGood ? "status 200" : "status 503", TimeSpan.FromMilliseconds(2));
        return HealthRule.Next(before, new CheckResult(isGood, [probe], at, probe.Duration), Interval, at + Interval);
    }
}
