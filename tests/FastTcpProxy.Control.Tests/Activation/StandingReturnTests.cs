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
        Assert.Equal(StandingState.Trusted, upstream.Definition.Addresses[0].Standing.Silence.State);

        composer.SetHealthy(upstream, healthy: false);
        composer.SetHealthy(upstream, healthy: true);

        Assert.Equal(StandingState.Returning, upstream.Definition.Addresses[0].Standing.Silence.State);
    }

    /// <summary>It was suspect when the check found it down, and had failed a probe: a good check does not forget that.</summary>
    [Fact]
    public void Check_FindsASuspectUpAgain_ItsNextHoldIsLonger()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        AddressStanding standing = upstream.Definition.Addresses[0].Standing;
        long nowMs = Suspect(upstream, holdMs: 0);
        Assert.True(standing.TryProbe(nowMs, nowMs + 1));
        standing.Silent(nowMs, new HoldTerms(1, 1_000, 1_000, 1_000), rampMs: 0, nowMs + 1);
        composer.SetHealthy(upstream, healthy: false);
        composer.SetHealthy(upstream, healthy: true);

        Assert.Equal((StandingState.Returning, 1), (standing.Silence.State, standing.Silence.Level));
    }

    [Fact]
    public void Check_IsGoodWhileItIsSuspect_TheNextClientTriesIt()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        long nowMs = Suspect(upstream, holdMs: 3_600_000);
        Assert.False(upstream.Definition.Addresses[0].Standing.TryProbe(nowMs, nowMs + 1));

        composer.SetHealthy(upstream, healthy: true);

        Assert.True(upstream.Definition.Addresses[0].Standing.TryProbe(AddressStanding.NowMs(TimeProvider.System), nowMs + 1));
    }

    [Theory]
    [InlineData(OverrideState.Disabled)]
    [InlineData(OverrideState.Draining)]
    public void Operator_PutsItBack_ItReturns(OverrideState state)
    {
        ServiceComposer composer = new(Overridden.Two);
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        composer.SetOverrides(OverrideSnapshot.Empty.With(Overridden.State with { State = state }));
        Assert.Equal(StandingState.Trusted, upstream.Definition.Addresses[0].Standing.Silence.State);

        composer.SetOverrides(OverrideSnapshot.Empty);

        Assert.Equal(StandingState.Returning, upstream.Definition.Addresses[0].Standing.Silence.State);
        Assert.Equal(StandingState.Trusted, composer.Services[0].Upstreams[1].Definition.Addresses[0].Standing.Silence.State);
    }

    [Fact]
    public void Address_IsAnother_NothingIsHeldAgainstIt()
    {
        ServiceComposer composer = new(Given.Upstreams("mail.example:25", "192.0.2.1:25"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.8")]);
        Suspect(upstream, holdMs: 3_600_000);

        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.8")]);
        Assert.Equal(StandingState.Held, upstream.Definition.Addresses[0].Standing.Silence.State);
        UpstreamDefinition before = upstream.Definition;
        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.9")]);
        // The attempts that were in flight end only now.
        Suspect(before.Addresses[0].Standing, holdMs: 7_200_000);

        Assert.Equal(StandingState.Trusted, upstream.Definition.Addresses[0].Standing.Silence.State);
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

        Assert.Equal([StandingState.Trusted, StandingState.Held], upstream.Definition.Addresses.Select(a => a.Standing.Silence.State));
        Assert.Equal([before.Addresses[1], before.Addresses[0]], upstream.Definition.Addresses);
    }

    /// <summary>One server of a name is replaced: what is held against the other one stays.</summary>
    [Fact]
    public void Addresses_OneIsAnother_TheOtherIsWhatItWas()
    {
        ServiceComposer composer = new(Given.Upstreams("mail.example:25", "192.0.2.1:25"));
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        IPAddress one = IPAddress.Parse("192.0.2.8"), other = IPAddress.Parse("192.0.2.9"), third = IPAddress.Parse("192.0.2.10");
        composer.SetAddresses("mail.example", [one, other]);
        Suspect(upstream, holdMs: 3_600_000);

        composer.SetAddresses("mail.example", [one, third]);

        Assert.Equal([StandingState.Held, StandingState.Trusted], upstream.Definition.Addresses.Select(a => a.Standing.Silence.State));
    }

    /// <summary>Told something else from now on, it has to be learned again how the server acknowledges; not whether it answers.</summary>
    [Theory]
    [InlineData("192.0.2.1:25")]
    [InlineData("unix:/run/x.sock")]
    public void Mode_IsAnother_WhatIsHeldStays(string address)
    {
        ProxyConfiguration configuration = Given.Upstreams(address, "192.0.2.2:25");
        ServiceComposer composer = new(configuration);
        ActiveUpstream upstream = composer.Services[0].Upstreams[0];
        Suspect(upstream, holdMs: 3_600_000);
        UpstreamAddress known = upstream.Definition.Addresses[0];

        composer.Apply(composer.Plan(configuration.With(upstream.Name, u => u with { Mode = HeaderMode.ProxyV1 })), OverrideSnapshot.Empty);

        Assert.NotSame(known, upstream.Definition.Addresses[0]);
        Assert.Equal(StandingState.Held, upstream.Definition.Addresses[0].Standing.Silence.State);
    }

    private static long Suspect(ActiveUpstream upstream, long holdMs) => Suspect(upstream.Definition.Addresses[0].Standing, holdMs);

    private static long Suspect(AddressStanding standing, long holdMs)
    {
        long nowMs = AddressStanding.NowMs(TimeProvider.System);
        standing.Silent(nowMs, new HoldTerms(1, 1_000, holdMs, holdMs), rampMs: 0);
        Assert.Equal(StandingState.Held, standing.Silence.State);
        return nowMs;
    }
}
