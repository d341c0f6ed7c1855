using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Tests.Health;
using FastTcpProxy.Control.Tests.Overrides;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Activation;

/// <summary>What checks, operators and new addresses do to what clients hold against an upstream.</summary>
public sealed class StandingReturnTests
{
    [Fact]
    public void Check_FindsItUpAgain_ItReturns()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        composer.SetHealthy(upstream, healthy: true);
        Assert.Equal(StandingState.Trusted, upstream.Definition.Standing.Silence.State);

        composer.SetHealthy(upstream, healthy: false);
        composer.SetHealthy(upstream, healthy: true);

        Assert.Equal(StandingState.Returning, upstream.Definition.Standing.Silence.State);
    }

    [Fact]
    public void Check_IsGoodWhileItIsSuspect_TheNextClientTriesIt()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        long nowMs = Suspect(upstream, holdMs: 3_600_000);
        Assert.False(upstream.Definition.Standing.TryProbe(nowMs, nowMs + 1));

        composer.SetHealthy(upstream, healthy: true);

        Assert.True(upstream.Definition.Standing.TryProbe(UpstreamStanding.NowMs(TimeProvider.System), nowMs + 1));
    }

    [Theory]
    [InlineData(OverrideState.Disabled)]
    [InlineData(OverrideState.Draining)]
    public void Operator_PutsItBack_ItReturns(OverrideState state)
    {
        ServiceComposer composer = new(Overridden.Two);
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        composer.SetOverrides(OverrideSnapshot.Empty.With(Overridden.State with { State = state }));
        Assert.Equal(StandingState.Trusted, upstream.Definition.Standing.Silence.State);

        composer.SetOverrides(OverrideSnapshot.Empty);

        Assert.Equal(StandingState.Returning, upstream.Definition.Standing.Silence.State);
        Assert.Equal(StandingState.Trusted, composer.Services[0].Upstreams[1].Definition.Standing.Silence.State);
    }

    [Fact]
    public void Address_IsAnother_NothingIsHeldAgainstIt()
    {
        ServiceComposer composer = new(Given.Upstreams("mail.example:25", "192.0.2.1:25"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.8")]);
        Suspect(upstream, holdMs: 3_600_000);

        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.8")]);
        Assert.Equal(StandingState.Held, upstream.Definition.Standing.Silence.State);
        UpstreamDefinition before = upstream.Definition;
        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.9")]);
        // The attempts that were in flight end only now.
        Suspect(before.Standing, holdMs: 7_200_000);

        Assert.Equal(StandingState.Trusted, upstream.Definition.Standing.Silence.State);
    }

    /// <summary>A resolver that rotates its answer gives the same addresses in another order each time.</summary>
    [Fact]
    public void Addresses_InAnotherOrder_AreWhatTheyWere()
    {
        ServiceComposer composer = new(Given.Upstreams("mail.example:25", "192.0.2.1:25"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        IPAddress one = IPAddress.Parse("192.0.2.8"), other = IPAddress.Parse("192.0.2.9");
        composer.SetAddresses("mail.example", [one, other]);
        Suspect(upstream, holdMs: 3_600_000);
        UpstreamDefinition before = upstream.Definition;

        composer.SetAddresses("mail.example", [other, one]);

        Assert.Equal(StandingState.Held, upstream.Definition.Standing.Silence.State);
        Assert.Equal([before.Addresses[1], before.Addresses[0]], upstream.Definition.Addresses);
    }

    private static long Suspect(ActiveUpstream upstream, long holdMs) => Suspect(upstream.Definition.Standing, holdMs);

    private static long Suspect(UpstreamStanding standing, long holdMs)
    {
        long nowMs = UpstreamStanding.NowMs(TimeProvider.System);
        standing.Silent(nowMs, new HoldTerms(1, 1_000, holdMs, holdMs), rampMs: 0, isProbe: false);
        Assert.Equal(StandingState.Held, standing.Silence.State);
        return nowMs;
    }
}
