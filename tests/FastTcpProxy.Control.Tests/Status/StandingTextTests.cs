using FastTcpProxy.Control.Status;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Status;

/// <summary>What status and explain say of an upstream that is tried last, or by some clients only.</summary>
public sealed class StandingTextTests
{
    private static readonly ServiceSettings All = new()
    {
        Hedge = HedgePolicy.Default, Suspect = SuspectPolicy.Default, Passive = PassivePolicy.Default, Failback = FailbackPolicy.Default,
    };

    [Fact]
    public void Silence_SaysWhenTheNextClientTries()
    {
        UpstreamStanding standing = new();
        for (int i = 0; i < 5; i++) standing.Silent(1_000, SuspectPolicy.Default.Terms, rampMs: 0, isProbe: false);
        Assert.Equal("suspect: 5 clients in a row got no answer; tried last; the next try is in 1 s",
            StandingText.Of(All, standing, 1_100));
        Assert.Equal("suspect: 5 clients in a row got no answer; tried last; the next client tries it",
            StandingText.Of(All, standing, 2_000));
        Assert.True(standing.TryProbe(2_000, 8_000));
        Assert.Equal("suspect: 5 clients in a row got no answer; tried last; a client tries it now",
            StandingText.Of(All, standing, 2_001));
        Assert.Equal("", StandingText.Of(ServiceSettings.Default, standing, 2_001));
    }

    [Fact]
    public void Resets_SayForHowLong()
    {
        UpstreamStanding standing = new();
        for (int i = 0; i < 5; i++) standing.Reset(1_000, PassivePolicy.Default.Terms, rampMs: 0);
        Assert.Equal("it ended 5 sessions in a row within 1s and without a byte; tried last for 9 s more",
            StandingText.Of(All, standing, 2_500));
        Assert.Equal("", StandingText.Of(All, standing, 11_000));
    }

    [Fact]
    public void Returning_SaysThePart()
    {
        UpstreamStanding standing = new();
        Assert.Equal("", StandingText.Of(All, standing, 1_000));
        standing.Return(1_000);
        Assert.Equal("returning: 10 % of the new clients begin with it", StandingText.Of(All, standing, 1_500));
        Assert.Equal("returning: 53 % of the new clients begin with it", StandingText.Of(All, standing, 15_900));
        Assert.Equal("", StandingText.Of(All, standing, 31_000));
        Assert.Equal("", StandingText.Of(ServiceSettings.Default, standing, 1_500));
    }
}
