using System.Net;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>More slow peers than there are buffers: who is ended, and that the others continue.</summary>
public sealed class BufferShortageTests
{
    private const int Slow = 40;

    /// <summary>Small rests for which there is room.</summary>
    private const int Rests = 8;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SlowPeers_MoreThanBuffers_TheOldestAreResetUntilTheRestFit(bool ofUpstreams)
    {
        SessionHarness harness = new();
        harness.World.Buffers.UsableBytesMax = Rests * (4 << 10);
        PeerStep[] writes = [PeerStep.Send(1 << 20), PeerStep.AwaitEnd], sleeps = [PeerStep.Pause(100_000_000)];
        SimHost host = harness.AddUpstream(script: _ => (ofUpstreams ? sleeps : writes, false));
        host.Reads = !ofUpstreams;
        harness.Start();
        for (int i = 0; i < Slow; i++) harness.Connect(ofUpstreams ? writes : sleeps, reads: ofUpstreams);
        Assert.True(harness.World.RunUntil(() => harness.World.Context.LiveCount == Rests, 60_000));
        harness.World.RunFor(5_000);
        Assert.Equal((Rests, Rests), (harness.World.Context.LiveCount, harness.World.Buffers.Rented));
        Assert.Equal(Slow - Rests, harness.World.Loop.Metrics.Counts.BufferResets);
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        Assert.True(harness.RunToEnd(1_000, Slow));
        Assert.Equal(Slow - Rests, harness.Clients.Count(client => harness.RecordOf(client).Reason.ToString() == "proxy.relay.noBuffer"));
        harness.AssertClean();
    }

    /// <summary>
    /// A session that waits for a buffer of its service ends, and its object serves a client of another service, which has buffers: that
    /// one does not wait for the first one's.
    /// </summary>
    [Fact]
    public void ObjectOfOneThatWaited_ServesAnotherService_WaitsForThatOnesBuffers()
    {
        SessionHarness harness = new();
        harness.World.Buffers.UsableBytesMax = Rests * (4 << 10);
        SimHost slow = harness.AddUpstream(script: _ => ([PeerStep.Pause(100_000_000)], false));
        slow.Reads = false;
        harness.AddUpstream();
        harness.Start(d => d with { Upstreams = [d.Upstreams[0]] });
        ServiceState other = new(harness.Service.Definition with
        {
            Name = "other", Upstreams = [new UpstreamDefinition("u1", HeaderMode.Raw, [harness.Hosts[1].Address])],
        });
        BoundListener bound = harness.World.Transports.Bind(new ListenAddress(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 26)), loops: 1,
            besideOwn: false)[0];
        SimListenSocket socket = harness.World.Transports.SocketOf(bound);
        Listener listener = new(harness.World.Context, harness.World.Transports, other, bound);
        harness.World.InLoop(listener.Start);
        for (int i = 0; i < Slow; i++) harness.Connect([PeerStep.Send(1 << 20), PeerStep.AwaitEnd]);
        harness.World.RunFor(100);
        int waiting = harness.World.Buffers.Shares.Waiting;
        Assert.InRange(waiting, 2, Slow);
        Session ended = harness.World.Context.Latest!;
        harness.World.InLoop(() => ended.EndByForce(EndParty.Operator, EndCause.Killed));
        Assert.Equal(waiting - 1, harness.World.Buffers.Shares.Waiting);

        // It has to wait once, for a buffer of its own service.
        harness.World.RefusalProbability = 1;
        ClientRun client = harness.Connect([PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd], to: socket);
        harness.World.RunFor(10);
        Assert.Same(ended, harness.World.Context.Latest);
        Assert.Equal(waiting, harness.World.Buffers.Shares.Waiting);
        harness.World.RefusalProbability = 0;
        // Sooner than any holder of the first service is ended.
        Assert.True(harness.World.RunUntil(() => other.Sessions.Current == 0, 100), "it waits for the buffers of the other service");

        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        Assert.True(harness.RunToEnd(1_000, Slow + 1));
        Assert.Equal(("client.relay.ended", 1000L), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        Assert.Equal(0, harness.World.Buffers.Shares.Waiting);
        harness.World.RunFor(50);
        Assert.False(harness.World.Buffers.Shares.IsAnybodyWaiting);
        harness.AssertClean();
    }

    /// <summary>A header leaves whole, however little can be put aside.</summary>
    [Theory]
    [InlineData(HeaderMode.ProxyV1)]
    [InlineData(HeaderMode.ProxyV2)]
    public void Header_OnlySmallRestsCanBePutAside_LeavesWithTheFirstBytes(HeaderMode mode)
    {
        SessionHarness harness = new();
        harness.World.Buffers.UsableBytesMax = Rests * (4 << 10);
        harness.AddUpstream(mode: mode);
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(100_000), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(5_000, 1));
        Assert.Equal(("client.relay.ended", 100_000L), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    [Fact]
    public void ManyWait_BuffersAreThereAgain_AllGoOnAFewInEachTurn()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        harness.World.RefusalProbability = 1;
        for (int i = 0; i < Slow; i++) harness.Connect([PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        harness.World.RunFor(300);
        Assert.Equal(Slow, harness.World.Buffers.Shares.Waiting);
        harness.World.RefusalProbability = 0;
        int before = Slow, most = 0;
        Assert.True(harness.World.RunUntil(Step, 1_000));
        Assert.InRange(most, 1, BufferRelief.ResumedPerTurn);
        Assert.True(harness.RunToEnd(1_000, Slow));
        Assert.All(harness.Clients, client => Assert.Equal("client.relay.ended", harness.RecordOf(client).Reason.ToString()));
        harness.AssertClean();

        // Asked after each event of the simulation, of which each is a turn.
        bool Step()
        {
            int now = harness.World.Buffers.Shares.Waiting;
            most = Math.Max(most, before - now);
            before = now;
            return now == 0;
        }
    }
}
