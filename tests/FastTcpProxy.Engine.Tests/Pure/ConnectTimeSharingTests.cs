using System.Net;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>What loops tell each other of how long connects to an address take.</summary>
public sealed class ConnectTimeSharingTests
{
    private readonly UpstreamAddress _address = new(new IPEndPoint(1, 1));

    [Fact]
    public void OrdinarySample_StaysWithItsLoop()
    {
        _address.AddConnectTime(0, 1_000, tellsAll: false);
        Assert.Equal((1_000, false), (_address.ConnectTimeOf(0).SmoothedUs, _address.ConnectTimeOf(1).IsKnown));
    }

    /// <summary>One loop has found out that the server is slow and not dead: the others count it as silent no earlier.</summary>
    [Fact]
    public void LateSample_ReachesEachLoopOnce()
    {
        for (int loop = 0; loop < 3; loop++) _address.AddConnectTime(loop, 1_000, tellsAll: false);
        _address.AddConnectTime(1, 1_000_000, tellsAll: true);
        for (int i = 0; i < 2; i++)
        {
            for (int loop = 0; loop < 3; loop++)
            {
                Assert.Equal(1_000 + (999_000 / 8), _address.ConnectTimeOf(loop).SmoothedUs);
                Assert.InRange(HedgePolicy.Default.SilentMs(_address.ConnectTimeOf(loop)), 1_001, 5_000);
            }
        }
    }

    [Fact]
    public void LateSample_LongerThanCanBeTold_IsTheLongest()
    {
        _address.AddConnectTime(0, 1L << 40, tellsAll: true);
        Assert.Equal(uint.MaxValue, _address.ConnectTimeOf(1).SmoothedUs);
    }

    /// <summary>What a held server answers is told; what a trusted one answers late, as after a lost packet, is not.</summary>
    [Fact]
    public void Answered_SaysWhetherItWasHeld()
    {
        AddressStanding standing = _address.Standing;
        Assert.False(standing.Answered(1));
        HoldTerms terms = new(2, 1_000, 1_000, 1_000);
        standing.Silent(1, terms, rampMs: 0);
        Assert.False(standing.Answered(2));
        for (int i = 0; i < 2; i++) standing.Silent(3, terms, rampMs: 0);
        Assert.True(standing.Answered(4));
        Assert.False(standing.Answered(5));
    }
}
