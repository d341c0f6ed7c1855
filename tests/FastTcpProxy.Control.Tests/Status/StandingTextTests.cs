using System.Net;
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

    private readonly UpstreamAddress _first = new(new IPEndPoint(IPAddress.Parse("192.0.2.8"), 25));

    [Fact]
    public void Silence_SaysWhenTheNextClientTries()
    {
        AddressStanding standing = _first.Standing;
        for (int i = 0; i < 5; i++) standing.Silent(1_000, SuspectPolicy.Default.Terms, rampMs: 0);
        Assert.Equal("suspect: 5 clients in a row got no answer within 250 ms; tried last; the next try is in 1 s",
            StandingText.Of(All, [_first], 1_100));
        Assert.Equal("suspect: 5 clients in a row got no answer within 250 ms; tried last; the next client tries it",
            StandingText.Of(All, [_first], 2_000));
        Assert.True(standing.TryProbe(2_000, 8_000));
        Assert.Equal("suspect: 5 clients in a row got no answer within 250 ms; tried last; a client tries it now",
            StandingText.Of(All, [_first], 2_001));
        Assert.Equal("", StandingText.Of(ServiceSettings.Default, [_first], 2_001));
    }

    [Fact]
    public void Resets_SayForHowLong()
    {
        AddressStanding standing = _first.Standing;
        for (int i = 0; i < 5; i++) standing.Reset(1_000, PassivePolicy.Default.Terms, rampMs: 0);
        Assert.Equal("held: it ended 5 sessions in a row within 1s and without a byte; tried last for 9 s more",
            StandingText.Of(All, [_first], 2_500));
        Assert.Equal("", StandingText.Of(All, [_first], 11_000));
    }

    /// <summary>Of a name with several addresses each is regarded by itself.</summary>
    [Fact]
    public void Addresses_Several_SayWhichAndHowMany()
    {
        UpstreamAddress second = new(new IPEndPoint(IPAddress.Parse("192.0.2.9"), 25));
        UpstreamAddress third = new(new IPEndPoint(IPAddress.Parse("192.0.2.10"), 25));
        Assert.Equal("", StandingText.Of(All, [_first, second, third], 1_000));
        second.Standing.Return(1_000);
        Assert.Equal("1 of 3 addresses not in place: 192.0.2.9:25 is returning: 10 % of the new clients begin with it",
            StandingText.Of(All, [_first, second, third], 1_500));
        third.Standing.Return(1_000);
        Assert.StartsWith("2 of 3 addresses not in place: 192.0.2.9:25 is", StandingText.Of(All, [_first, second, third], 1_500),
            StringComparison.Ordinal);
        Assert.Equal("", StandingText.Of(All, [], 1_500));
    }

    [Fact]
    public void Returning_SaysThePart()
    {
        AddressStanding standing = _first.Standing;
        Assert.Equal("", StandingText.Of(All, [_first], 1_000));
        standing.Return(1_000);
        Assert.Equal("returning: 10 % of the new clients begin with it", StandingText.Of(All, [_first], 1_500));
        Assert.Equal("returning: 53 % of the new clients begin with it", StandingText.Of(All, [_first], 15_900));
        Assert.Equal("", StandingText.Of(All, [_first], 31_000));
        Assert.Equal("", StandingText.Of(ServiceSettings.Default, [_first], 1_500));
    }
}
