using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>A break behind a blocked direction is noticed.</summary>
public sealed class BrokenSideTests
{
    [Fact]
    public void Client_ResetsWhileItsUpstreamTakesNothing_IsNoticedInSeconds()
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: 512, script: _ => ([PeerStep.Pause(8_000_000)], false));
        harness.Start();
        // The upstream's peer reads by default; a full pipe that no one empties is what is wanted.
        harness.Hosts[0].Reads = false;
        ClientRun client = harness.Connect([PeerStep.Send(20_000), PeerStep.Pause(500_000), PeerStep.Reset], capacity: 64 << 10);
        Assert.True(harness.RunToEnd(10_000, 1));
        Assert.Equal("client.relay.reset", harness.RecordOf(client).Reason.ToString());
        Assert.InRange(harness.RecordOf(client).TotalUs, 500_000, 5_000_000);
        harness.AssertClean();
    }

    /// <summary>
    /// The upstream answers, closes, and is still written to, which makes its side a reset; the client reads slowly and gets all of it.
    /// </summary>
    [Fact]
    public void Upstream_ClosedAndStillWrittenTo_ItsAnswerArrivesWholeBeforeTheReset()
    {
        SessionHarness harness = new(faults: new SimFaults { ResetDropsBytes = 0 });
        harness.AddUpstream(capacity: 8192, script: _ => ([PeerStep.Send(5_000), PeerStep.Close], false));
        harness.Start();
        ClientRun client = harness.Connect(
            [PeerStep.Pause(100_000), PeerStep.Send(10), PeerStep.Pause(20_000), PeerStep.Send(10), PeerStep.AwaitEnd], capacity: 512);
        Assert.True(harness.RunToEnd(20_000, 1));
        Assert.Equal(("upstream.relay.reset", 5_000L), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    /// <summary>What the survivor says meanwhile is a look at its progress too, at any part of a millisecond.</summary>
    [Fact]
    public void Survivor_EndsItsSideJustBeforeItsTimeIsOver_HasTheWholeOfIt()
    {
        long overUs = EndOfSurvivor([PeerStep.Pause(60_000_000)]);
        Assert.Equal(overUs, EndOfSurvivor([PeerStep.Pause(overUs - 900), PeerStep.HalfClose, PeerStep.Pause(60_000_000)]));
    }

    /// <summary>When the session ends whose client resets, and whose upstream takes nothing.</summary>
    private static long EndOfSurvivor(PeerStep[] upstream)
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: 512, script: _ => (upstream, false));
        harness.Start();
        harness.Hosts[0].Reads = false;
        ClientRun client = harness.Connect([PeerStep.Send(20_000), PeerStep.Pause(500_000), PeerStep.Reset], capacity: 64 << 10);
        Assert.True(harness.RunToEnd(10_000, 1));
        Assert.Equal("client.relay.reset", harness.RecordOf(client).Reason.ToString());
        return harness.RecordOf(client).TotalUs;
    }
}
