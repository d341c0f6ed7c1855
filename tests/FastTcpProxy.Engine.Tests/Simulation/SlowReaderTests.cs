using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// Clients that take a send in flight in small pieces, for longer than any limit of silence. Each piece makes room for the next one, so
/// every poll finds the queue as the one before did.
/// </summary>
public sealed class SlowReaderTests
{
    [Fact]
    public void Session_ClientTakesASendInFlight_IsNotIdle()
    {
        const int bytes = 30_000;
        (SessionHarness harness, ClientRun client) = Run([PeerStep.Send(bytes), PeerStep.AwaitEnd]);
        Assert.Equal(("proxy.relay.idle", (long)bytes), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    [Fact]
    public void Session_UpstreamBrokeAndClientTakesASendInFlight_GetsAllOfIt()
    {
        const int bytes = 30_000;
        (SessionHarness harness, ClientRun client) = Run([PeerStep.Send(bytes), PeerStep.Pause(100_000), PeerStep.Reset]);
        Assert.Equal(("upstream.relay.reset", (long)bytes), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    /// <summary>The client takes 2,000 bytes a second, and the idle limit is one second.</summary>
    private static (SessionHarness Harness, ClientRun Client) Run(PeerStep[] upstream)
    {
        SessionHarness harness = new(faults: new SimFaults { ResetDropsBytes = 0 });
        harness.AddUpstream(capacity: 64 << 10, script: _ => (upstream, false));
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromSeconds(1) });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd], capacity: 512, readBytes: 100, readRestUs: 50_000);
        Assert.True(harness.RunToEnd(60_000, 1));
        return (harness, client);
    }
}
