using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Sessions that splice, from their beginning to their end, with the terms that real ones have.</summary>
public sealed class SpliceDirectedTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void Bulk_Sustained_IsSplicedButForItsFirstMegabytes()
    {
        SessionHarness harness = new();
        harness.AddUpstream(mode: Upstreams.HeaderMode.ProxyV2, capacity: 64 * MiB,
            script: _ => ([PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(20 * MiB), PeerStep.HalfClose, PeerStep.AwaitEnd], capacity: 64 * MiB);
        Assert.True(harness.RunToEnd(5_000, 1));
        Assert.Equal(20 * MiB, harness.RecordOf(client).BytesFromClient);
        Assert.InRange(harness.World.Loop.Metrics.Counts.BytesSpliced, 18 * MiB, 20 * MiB);
        // A turn of splices is four times as many bytes as one of copies.
        Assert.InRange(harness.World.Turns, 1, 20 * MiB / MovePolicy.WindowBytesMax / RelayDirection.MovesPerTurn);
        Assert.Empty(SessionInvariants.Check(harness));
        harness.AssertClean();
    }

    /// <summary>
    /// More readers than there are pipes stop while their streams are spliced: all keep what they hold, and one pipe stays free.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void Readers_StopWhileSplicing_APipeStaysFreeAndNothingIsLost(int readers)
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: 16 * MiB, script: _ => ([PeerStep.Send(12 * MiB), PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        // Room for enough to begin splicing, then no one reads for two seconds. Not a multiple of a move, so that there is a rest.
        for (int i = 0; i < readers; i++) harness.Connect([PeerStep.Pause(2_000_000), PeerStep.HalfClose], capacity: 4 * MiB - 1000,
            reads: false);
        harness.World.RunFor(1_000);
        Assert.True(harness.World.Loop.Metrics.Counts.BytesSpliced > readers * MiB);
        Assert.InRange(harness.World.Transport.Pipes.Rented, 1, PipePool.PipesMax - 1);
        Assert.Equal(readers, harness.World.Buffers.Rented);
        Assert.True(harness.RunToEnd(60_000, readers));
        Assert.All(harness.Clients, c => Assert.Equal(12 * MiB, c.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    [Fact]
    public void Session_EndedByForceWhileItKeepsAPipe_ReturnsIt()
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: 16 * MiB, script: _ => ([PeerStep.Send(12 * MiB), PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        harness.Connect([PeerStep.Pause(9_000_000)], capacity: 4 * MiB - 1000, reads: false);
        harness.World.RunFor(1_000);
        Assert.Equal(1, harness.World.Transport.Pipes.Rented);
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        Assert.Equal(0, harness.World.Transport.Pipes.Rented);
        harness.AssertClean();
    }

    [Fact]
    public void Bulk_NoPipe_IsCopied()
    {
        SessionHarness harness = new(faults: new SimFaults { PipeMissing = 1 });
        harness.AddUpstream(capacity: 64 * MiB, script: _ => ([PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Send(8 * MiB), PeerStep.HalfClose, PeerStep.AwaitEnd], capacity: 64 * MiB);
        Assert.True(harness.RunToEnd(5_000, 1));
        Assert.Equal((8L * MiB, 0L), (harness.RecordOf(client).BytesFromClient, harness.World.Loop.Metrics.Counts.BytesSpliced));
        harness.AssertClean();
    }

    /// <summary>Requests and answers of which some are large: the pipe is of no use to them, and they do not go to and fro.</summary>
    [Fact]
    public void Traffic_MixedSizes_IsCopied()
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: MiB);
        harness.Start();
        List<PeerStep> steps = [];
        long sent = 0;
        for (int i = 0; i < 100; i++)
        {
            for (int j = 0; j < 20; j++) Exchange(500);
            Exchange(200_000);
        }
        ClientRun client = harness.Connect([.. steps, PeerStep.HalfClose, PeerStep.AwaitEnd], capacity: MiB);
        Assert.True(harness.RunToEnd(60_000, 1));
        Assert.Equal((sent, 0L), (client.Peer.ReceivedBytes, harness.World.Loop.Metrics.Counts.BytesSpliced));
        harness.AssertClean();

        void Exchange(int bytes)
        {
            sent += bytes;
            steps.Add(PeerStep.Send(bytes));
            steps.Add(PeerStep.AwaitBytes(sent));
            // Between one message and the next there is time, else they would be one stream.
            steps.Add(PeerStep.Pause(1_000));
        }
    }
}
