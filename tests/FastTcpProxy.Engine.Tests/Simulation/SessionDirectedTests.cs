using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Single paths of listeners and sessions that chance comes to too seldom, or whose details matter.</summary>
public sealed class SessionDirectedTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];

    [Theory]
    [InlineData(AllFailedAction.Reset)]
    [InlineData(AllFailedAction.Close)]
    public void AllFailed_Action_IsWhatTheClientSees(AllFailedAction action)
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Refuse, delayUs: 20_000);
        harness.Start(d => d with { OnAllFailed = action });
        ClientRun client = harness.Connect([PeerStep.Send(100), PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal((action == AllFailedAction.Close, action == AllFailedAction.Reset), (client.Peer.SawEnd, client.Peer.SawReset));
        harness.AssertClean();
    }

    [Fact]
    public void TotalConnectTimeout_CutsTheList()
    {
        SessionHarness harness = new();
        for (int i = 0; i < 5; i++) harness.AddUpstream(ConnectBehavior.Silent);
        harness.Start(d => d with { ConnectTimeout = TimeSpan.FromSeconds(1), TotalConnectTimeout = TimeSpan.FromMilliseconds(2_500) });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(5_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal("upstream.connect.timedOut", record.Reason.ToString());
        Assert.Equal(3, record.Attempts.Total);
        Assert.InRange(record.ConnectUs, 2_500_000, 2_540_000);
        harness.AssertClean();
    }

    [Fact]
    public void Failover_SilentThenRefusedThenGood_TakesTheTimeoutAndNoMore()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream(ConnectBehavior.Refuse);
        harness.AddUpstream(mode: HeaderMode.ProxyV1);
        harness.Start();
        ClientRun client = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(10_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal([AttemptOutcome.TimedOut, AttemptOutcome.Refused, AttemptOutcome.Connected],
            Enumerable.Range(0, 3).Select(i => record.Attempts[i].Outcome));
        Assert.InRange(record.ConnectUs, 5_000_000, 5_040_000);
        Assert.Equal(HeaderMode.ProxyV1, record.Mode);
        Assert.Empty(SessionInvariants.Check(harness));
        harness.AssertClean();
    }

    [Fact]
    public void Connecting_ClientHasSent_HoldsNoBuffer()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.Start();
        harness.Connect([PeerStep.Send(10_000), PeerStep.AwaitEnd]);
        harness.World.RunFor(2_000);
        Assert.Equal(0, harness.World.Buffers.Rented);
        Assert.Equal(1, harness.World.Context.LiveCount);
        harness.RunToEnd(10_000, 1);
        harness.AssertClean();
    }

    [Fact]
    public void Header_ClientBytesAreThere_LeavesTogetherWithThem()
    {
        SessionHarness harness = new();
        harness.AddUpstream(mode: HeaderMode.ProxyV2, delayUs: 50_000);
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(100), PeerStep.AwaitEnd]);
        harness.World.RunFor(100);
        UpstreamRun upstream = Assert.Single(client.Upstreams);
        Assert.Equal((1, 100L, ProxyHeaderEncoder.V2IPv4Length + 100L), (upstream.Pieces, upstream.Payload, upstream.Peer.ReceivedBytes));
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        harness.AssertClean();
    }

    [Fact]
    public void Header_ClientIsSilent_LeavesAtOnce()
    {
        SessionHarness harness = new();
        harness.AddUpstream(mode: HeaderMode.ProxyV2, script: _ => ([PeerStep.Send(50), PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.AwaitBytes(50), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        harness.World.RunFor(1);
        Assert.True(Assert.Single(client.Upstreams).HeaderIsWhole);
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal("client.relay.ended", harness.RecordOf(client).Reason.ToString());
        harness.AssertClean();
    }

    [Fact]
    public void Relay_MoreThanATurn_GivesOthersTheirTurn()
    {
        SessionHarness harness = new(faults: new SimFaults { PartialReceive = 1 });
        harness.AddUpstream(capacity: 1 << 20);
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(300_000), PeerStep.HalfClose, PeerStep.AwaitEnd], capacity: 1 << 20);
        Assert.True(harness.RunToEnd(20_000, 1));
        Assert.Equal((300_000L, "client.relay.ended"), (client.Peer.ReceivedBytes, harness.RecordOf(client).Reason.ToString()));
        harness.AssertClean();
    }

    [Fact]
    public void Relay_EndlessSource_YieldsAfterItsMoves()
    {
        // Every move fills the receive buffer, so each one is a move of its own.
        SessionHarness harness = new(faults: new SimFaults { PipeMissing = 1 });
        harness.AddUpstream(capacity: 8 << 20, script: _ => ([PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(6 << 20), PeerStep.HalfClose, PeerStep.AwaitEnd], capacity: 8 << 20);
        Assert.True(harness.RunToEnd(5_000, 1));
        Assert.True(harness.World.Turns >= (6 << 20) / (256 << 10) / RelayDirection.MovesPerTurn);
        Assert.Equal(6 << 20, harness.RecordOf(client).BytesFromClient);
        harness.AssertClean();
    }

    [Fact]
    public void Relay_SlowReader_BoundsWhatIsHeldAndStopsReading()
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: 4 << 20, script: _ => ([PeerStep.Send(3 << 20), PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Pause(2_000_000), PeerStep.HalfClose], capacity: 4 << 10, reads: false);
        harness.World.RunFor(1_000);
        Assert.Equal(1, harness.World.Buffers.Rented);
        UpstreamRun upstream = Assert.Single(client.Upstreams);
        long taken = upstream.Peer.SentBytes;
        harness.World.RunFor(500);
        Assert.Equal(taken, upstream.Peer.SentBytes);
        Assert.True(harness.RunToEnd(30_000, 1));
        Assert.Equal(3 << 20, client.Peer.ReceivedBytes);
        harness.AssertClean();
    }

    [Fact]
    public void Relay_BudgetUsedUp_WaitsAndGoesOnWhenABufferIsThere()
    {
        SessionHarness harness = new();
        harness.AddUpstream(mode: HeaderMode.ProxyV2);
        harness.Start();
        harness.World.RefusalProbability = 1;
        ClientRun client = harness.Connect(Talk);
        harness.World.RunFor(300);
        Assert.True(harness.World.Loop.Metrics.Counts.BufferWaits > 0);
        Assert.Equal(0, Assert.Single(client.Upstreams).Peer.ReceivedBytes);
        harness.World.RefusalProbability = 0;
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal(("client.relay.ended", 1000L), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    /// <summary>
    /// A client that comes at any moment between two ticks has the whole of the time, and one that sends then has it anew.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idle_BeganBetweenTwoTicks_IsNotEarly(bool sends)
    {
        const int IdleMs = 700, Clients = 40;
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([], false));
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromMilliseconds(IdleMs) });
        for (int i = 0; i < Clients; i++)
        {
            harness.Connect(sends ? [PeerStep.Pause(100_000), PeerStep.Send(10)] : []);
            harness.World.RunUntil(() => false, 1);
        }
        Assert.True(harness.RunToEnd(5_000, Clients));
        Assert.All(harness.Clients, client =>
        {
            SessionRecord record = harness.RecordOf(client);
            Assert.Equal("proxy.relay.idle", record.Reason.ToString());
            Assert.InRange(record.TotalUs - (sends ? 100_000 : 0), IdleMs * 1000, (IdleMs + 2 * TimerWheel.TickMs) * 1000);
        });
        harness.AssertClean();
    }

    [Fact]
    public void Session_ReusedObject_KeepsNothingOfTheSessionBefore()
    {
        SessionHarness harness = new();
        SimHost host = harness.AddUpstream(mode: HeaderMode.ProxyV1);
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromSeconds(2), HalfCloseTimeout = TimeSpan.FromSeconds(30) });
        ClientRun first = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(1_000, 1));
        ClientRun idle = harness.Connect([]);
        Assert.True(harness.RunToEnd(20_000, 2));
        Assert.Equal("proxy.relay.idle", harness.RecordOf(idle).Reason.ToString());
        Assert.InRange(harness.RecordOf(idle).TotalUs, 2_000_000, 2_100_000);
        host.Behavior = ConnectBehavior.Refuse;
        ClientRun refused = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(1_000, 3));
        Assert.Equal((HeaderMode.ProxyV1, HeaderMode.Raw), (harness.RecordOf(first).Mode, harness.RecordOf(refused).Mode));
        harness.AssertClean();
    }
}
