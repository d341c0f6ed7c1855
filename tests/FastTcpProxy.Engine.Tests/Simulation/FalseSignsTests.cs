using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// Calls whose "nothing", "end" or "there is something" is not true: no byte is lost by them, no session is kept alive by them, and the
/// looks that a session makes stay few. They are counted, in a time that the simulation moves: what spins makes thousands.
/// </summary>
public sealed class FalseSignsTests
{
    private const int Bytes = 300_000;

    /// <summary>Splices begin with the first bytes.</summary>
    private static SpliceTerms Eager => new(0, 1, 1 << 20, MovePolicy.WindowBytesMax);

    [Theory]
    [InlineData(0.2, 0, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 0.9)]
    [InlineData(1, 1, 0.9)]
    public void Bulk_FalseSigns_ArrivesWholeBothWaysAndEndsInOrder(double spliceGivesNothing, double spliceTakesNothing,
        double falseReadiness)
    {
        SimFaults faults = new()
        {
            SpliceGivesNothing = spliceGivesNothing, SpliceTakesNothing = spliceTakesNothing, FalseReadiness = falseReadiness,
        };
        SessionHarness harness = new(faults: faults, spliceTerms: Eager);
        harness.AddUpstream(script: _ => ([PeerStep.Echo, PeerStep.HalfClose], true));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(Bytes), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(60_000, 1), "the session did not end");
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal("client.relay.ended", record.Reason.ToString());
        Assert.Equal((Bytes, Bytes), (record.BytesFromClient, record.BytesFromUpstream));
        Assert.Equal(Bytes, client.Peer.ReceivedBytes);
        Assert.True(harness.World.Transport.FalseSplices > 0 || spliceGivesNothing == 0);
        harness.AssertClean();
    }

    /// <summary>Both sides are silent and always said to be readable.</summary>
    [Fact]
    public void Silence_AlwaysSaidToBeReadable_CostsFewLooksAndEndsAsIdle()
    {
        const int IdleSeconds = 10;
        SessionHarness harness = new(faults: new SimFaults { FalseReadiness = 1 });
        harness.AddUpstream(script: _ => ([], false));
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromSeconds(IdleSeconds) });
        ClientRun client = harness.Connect([PeerStep.Send(1000)]);
        Assert.True(harness.RunToEnd(60_000, 1), "the session did not end");
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal("proxy.relay.idle", record.Reason.ToString());
        Assert.InRange(record.TotalUs, IdleSeconds * 1_000_000L, IdleSeconds * 1_000_000L + 200_000);
        // For each direction the first looks, and one for each time that it is looked at again.
        int looksMax = 2 * (RelayDirection.FruitlessMax + IdleSeconds * 1000 / Sessions.Session.MisledPollMs + 10);
        Assert.InRange(harness.World.Transport.Takes, 1, looksMax);
        Assert.InRange(harness.World.Turns, 0, 10);
        harness.AssertClean();
    }

    [Fact]
    public void Silence_SaidToBeReadableForAWhile_BytesAreStillFound()
    {
        SessionHarness harness = new(faults: new SimFaults { FalseReadiness = 1 });
        harness.AddUpstream(script: _ => ([PeerStep.Echo, PeerStep.HalfClose], true));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Pause(2_000_000), PeerStep.Send(1000), PeerStep.AwaitBytes(1000), PeerStep.HalfClose,
            PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(10_000, 1), "the session did not end");
        Assert.Equal("client.relay.ended", harness.RecordOf(client).Reason.ToString());
        Assert.Equal(1000, client.Peer.ReceivedBytes);
        harness.AssertClean();
    }

    /// <summary>
    /// One direction was misled and is looked at now and then; bytes of the other one, the first after a rest, do not put that look off.
    /// </summary>
    [Fact]
    public void Answer_OfASourceThatHasMisled_ComesSoonAfterTheRequest()
    {
        SessionHarness harness = new(faults: new SimFaults { FalseReadiness = 1 });
        harness.AddUpstream(
            script: _ => ([PeerStep.AwaitBytes(2), PeerStep.Pause(50_000), PeerStep.Send(1000), PeerStep.HalfClose], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Pause(30_000_000), PeerStep.Send(1), PeerStep.Pause(30_000_000), PeerStep.Send(1),
            PeerStep.AwaitBytes(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        harness.World.RunFor(20_000);
        harness.World.Faults = SimFaults.None;
        // The first byte is found by a look; from then on the client's direction waits again.
        harness.World.RunFor(40_500);
        Assert.Equal(1000, client.Peer.ReceivedBytes);
        Assert.True(harness.RunToEnd(5_000, 1), "the session did not end");
        harness.AssertClean();
    }

    /// <summary>A balancer that says nothing and is always said to be readable is left to the timeout of its header.</summary>
    [Fact]
    public void Balancer_AlwaysSaidToBeReadable_CostsFewLooksAndTimesOut()
    {
        SessionHarness harness = new(faults: new SimFaults { FalseReadiness = 1 });
        harness.AddUpstream();
        harness.Start(d => d with
        {
            AcceptProxy = new AcceptProxyDefinition
            {
                From = new NetworkSet([System.Net.IPNetwork.Parse("10.0.0.0/8")]),
                Timeout = TimeSpan.FromSeconds(1),
            },
        });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(10_000, 1), "the session did not end");
        Assert.Equal("proxy.header.timedOut", harness.RecordOf(client).Reason.ToString());
        Assert.InRange(harness.World.Transport.Takes, 1, RelayDirection.FruitlessMax);
        harness.AssertClean();
    }
}
