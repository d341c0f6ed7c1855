using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// What listeners do with lacks and errors, and what changes under running sessions: single paths that chance comes to too seldom.
/// </summary>
public sealed class ListenerDirectedTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];

    [Fact]
    public void Sources_ExhaustedOne_IsPassedOver()
    {
        SessionHarness harness = new();
        SimHost host = harness.AddUpstream();
        host.ExhaustedSources.Add(0x0A090003);
        harness.Start(d => d with { SourceAddresses = [InetEndPoint.FromIPv4(0x0A090003, 0), InetEndPoint.FromIPv4(0x0A090004, 0)] });
        for (int i = 0; i < 4; i++) harness.Connect(Talk);
        Assert.True(harness.RunToEnd(1_000, 4));
        Assert.All(harness.Clients,
            c => Assert.Equal(("client.relay.ended", 1), (harness.RecordOf(c).Reason.ToString(), harness.RecordOf(c).Attempts.Total)));
        harness.AssertClean();
    }

    [Fact]
    public void Descriptors_UsedUp_TheSpareServesTheAcceptedClientAndListenersRest()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([PeerStep.Pause(1_000_000), PeerStep.HalfClose], false));
        harness.Start();
        // The spare, a client and its upstream, a second client: nothing is left for its upstream but the spare.
        harness.World.Transport.DescriptorsMax = 4;
        ClientRun first = harness.Connect([PeerStep.Send(10), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        ClientRun second = harness.Connect([PeerStep.Send(10), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        ClientRun third = harness.Connect([PeerStep.Send(10), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        harness.World.RunFor(500);
        Assert.Equal((2, 1, false), (harness.World.Context.LiveCount, harness.Socket.Waiting, harness.World.Transport.SpareHeld));
        Assert.Equal(4, harness.World.Transport.Descriptors);
        int accepts = harness.Socket.Accepts;
        Assert.False(harness.Socket.IsAccepting);
        Assert.True(harness.RunToEnd(5_000, 3));
        Assert.All([first, second, third], c => Assert.Equal("client.relay.ended", harness.RecordOf(c).Reason.ToString()));
        Assert.InRange(harness.Socket.Accepts - accepts, 1, 5);
        Assert.True(harness.World.Transport.SpareHeld);
        harness.StopListening();
        harness.AssertClean();
    }

    [Fact]
    public void Accept_WithoutDescriptors_RestsAndResumesWithoutSpinning()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        harness.World.Transport.DescriptorsMax = 1;
        ClientRun client = harness.Connect(Talk);
        harness.World.RunFor(1_000);
        Assert.InRange(harness.Socket.Accepts, 5, 1_000 / Listener.PauseMs + 1);
        Assert.Equal(harness.Socket.Accepts, harness.World.Loop.Metrics.Counts.AcceptPauses);
        harness.World.Transport.DescriptorsMax = int.MaxValue;
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal("client.relay.ended", harness.RecordOf(client).Reason.ToString());
        harness.AssertClean();
    }

    [Fact]
    public void Accept_ErrorsOfConnections_AreCountedAndManyInARowRest()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        for (int i = 0; i < Listener.ConnectionErrorsMax; i++) harness.Socket.FailNext(SocketError.ConnectionAborted);
        harness.World.RunFor(1);
        Assert.Equal((Listener.ConnectionErrorsMax, 1L, false),
            ((int)harness.World.Loop.Metrics.Counts.AcceptErrors, harness.World.Loop.Metrics.Counts.AcceptPauses,
                harness.Socket.IsAccepting));
        ClientRun client = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal("client.relay.ended", harness.RecordOf(client).Reason.ToString());
        harness.AssertClean();
    }

    [Fact]
    public void Accept_ListenerIsOfNoUse_IsOpenedAgainWhenThatCanBeDone()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        harness.World.Transports.Taken.Add(harness.Listener.Address.Text);
        harness.Socket.FailNext(SocketError.InvalidArgument);
        harness.World.RunFor(1);
        Assert.True(harness.Socket.IsClosed);
        Assert.Equal(1, harness.World.Loop.Metrics.Counts.ListenersLost);
        Assert.Equal((SocketError.InvalidArgument, true), (harness.Listener.Loss!.Error, harness.Listener.Loss.IsLost));
        Assert.Contains("(errno 22)", harness.Listener.Loss.ErrorText);

        harness.World.RunFor(2 * Listener.ReopenMinMs);
        Assert.Equal((1, SocketError.AddressAlreadyInUse), (harness.World.Transports.Rebinds, harness.Listener.Loss.Error));
        harness.World.Transports.Taken.Clear();
        harness.World.RunFor(2 * Listener.ReopenMinMs);
        SimListenSocket second = harness.World.Transports.Latest;
        Assert.NotSame(harness.Socket, second);
        Assert.Equal((2, true, false, 1L),
            (harness.World.Transports.Rebinds, second.IsAccepting, harness.Listener.Loss.IsLost, harness.Listener.Loss.Losses));

        harness.StopListening();
        Assert.True(second.IsClosed);
        harness.AssertClean();
    }

    [Fact]
    public void Lost_AfterAPauseOfTheProcess_IsOpenedAgainAsSoon()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        harness.World.Pause(60_000);
        harness.World.RunFor(60_100);
        harness.Socket.FailNext(SocketError.InvalidArgument);
        harness.World.RunFor(2 * Listener.ReopenMinMs);
        Assert.Equal(1, harness.World.Transports.Rebinds);
        harness.StopListening();
        harness.AssertClean();
    }

    [Fact]
    public void Lost_CannotBeOpenedAgain_IsTriedLessAndLessOften()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        harness.World.Transports.Taken.Add(harness.Listener.Address.Text);
        harness.Socket.FailNext(SocketError.NotSocket);
        harness.World.RunFor(61_500);
        // After 1, 2, 4, 8, 16 and 30 s.
        Assert.Equal(6, harness.World.Transports.Rebinds);
        harness.StopListening();
        harness.World.RunFor(2 * Listener.ReopenMaxMs);
        Assert.Equal(6, harness.World.Transports.Rebinds);
        harness.AssertClean();
    }

    [Fact]
    public void Capacity_Reached_ListenerWaitsAndClientsInTheQueueAreServedLater()
    {
        SessionHarness harness = new(capacity: 2);
        harness.AddUpstream(script: _ => ([PeerStep.Pause(500_000), PeerStep.HalfClose], false));
        harness.Start();
        for (int i = 0; i < 4; i++) harness.Connect([PeerStep.HalfClose, PeerStep.AwaitEnd]);
        harness.World.RunFor(300);
        Assert.Equal((2, 2), (harness.World.Context.LiveCount, harness.Socket.Waiting));
        Assert.True(harness.RunToEnd(5_000, 4));
        Assert.All(harness.Clients, c => Assert.True(harness.RecordOf(c).Reason.IsSuccess));
        harness.World.RunFor(200);
        Assert.True(harness.Socket.IsAccepting);
        harness.AssertClean();
    }

    [Fact]
    public void StopListening_SessionsLiveOn()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.Pause(200_000), .. Talk]);
        harness.World.RunFor(100);
        harness.StopListening();
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.True(harness.RecordOf(client).Reason.IsSuccess);
        harness.AssertClean();
    }

    [Fact]
    public void Publish_NewDefinition_HoldsForSessionsFromThenOn()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.AddUpstream();
        harness.Start();
        ClientRun before = harness.Connect([PeerStep.Pause(200_000), .. Talk]);
        harness.World.RunFor(50);
        ServiceDefinition definition = harness.Service.Definition;
        harness.Service.Publish(definition with { Upstreams = [definition.Upstreams[1]] });
        ClientRun after = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(1_000, 2));
        Assert.Same(definition, harness.RecordOf(before).Service);
        Assert.Equal(("10.9.0.1:1000", "10.9.0.1:1001"),
            (harness.RecordOf(before).UpstreamAddress!.Text, harness.RecordOf(after).UpstreamAddress!.Text));
        harness.AssertClean();
    }
}
