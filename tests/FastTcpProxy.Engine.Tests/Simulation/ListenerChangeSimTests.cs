using FastTcpProxy.Engine.Services;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>A listener that comes to serve another service, is retired, or leaves its socket to another process.</summary>
public sealed class ListenerChangeSimTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];
    private static readonly PeerStep[] TalkLater = [PeerStep.Pause(200_000), .. Talk];

    [Fact]
    public void Service_Changed_SessionsKeepTheOneThatTheyBeganWith()
    {
        SessionHarness harness = Start();
        ServiceState next = new(harness.Service.Definition with { Name = "next" });
        ClientRun before = harness.Connect(TalkLater);
        harness.World.RunFor(50);
        harness.World.InLoop(() => harness.Listener.Service = next);
        ClientRun after = harness.Connect(TalkLater);
        harness.World.RunFor(50);
        Assert.Equal((1, 1), (harness.Service.Sessions.Current, next.Sessions.Current));

        Assert.True(harness.RunToEnd(1_000, 2));

        Assert.Equal(("s", "next"), (harness.RecordOf(before).Service.Name, harness.RecordOf(after).Service.Name));
        Assert.Equal((1, 1), (harness.RecordOf(before).ServiceSessions, harness.RecordOf(after).ServiceSessions));
        Assert.Equal(0, next.Sessions.Current);
        harness.AssertClean();
    }

    [Fact]
    public void Retire_ClientsInTheQueue_AreServedAndTheNextIsNot()
    {
        SessionHarness harness = Start();
        ClientRun served = harness.Connect(TalkLater);
        harness.World.RunFor(50);
        ClientRun[] queued = [.. Enumerable.Range(0, 5).Select(_ => harness.Connect(Talk))];
        Assert.Equal(5, harness.Socket.Waiting);

        harness.World.InLoop(harness.Listener.Retire);
        Assert.True(harness.Socket.IsClosed);
        ClientRun refused = harness.Connect(Talk);

        Assert.True(harness.RunToEnd(1_000, 6));
        Assert.All([served, .. queued], c => Assert.True(harness.RecordOf(c).Reason.IsSuccess));
        Assert.True(refused.Peer.SawReset);
        harness.AssertClean();
    }

    [Fact]
    public void Retire_WhilePaused_ServesWhatThereIsRoomForAndSchedulesNothing()
    {
        SessionHarness harness = Start(capacity: 2);
        for (int i = 0; i < 4; i++) harness.Connect(TalkLater);
        harness.World.RunFor(50);
        Assert.Equal((2, false), (harness.Socket.Waiting, harness.Socket.IsAccepting));

        harness.World.InLoop(harness.Listener.Retire);
        harness.World.RunFor(50);

        // The capacity lies below what descriptors allow, so that one more is not too many; the last one is reset by the close.
        Assert.Equal((3, 1), (harness.World.Context.LiveCount, harness.Clients.Count(c => c.Peer.SawReset)));
        Assert.False(harness.Listener.IsScheduled);
        Assert.True(harness.RunToEnd(1_000, 3));
        harness.AssertClean();
    }

    [Fact]
    public void Release_ClientsInTheQueue_AreLeftToTheOther()
    {
        SessionHarness harness = Start();
        harness.Socket.IsShared = true;
        ClientRun served = harness.Connect(TalkLater);
        harness.World.RunFor(50);
        ClientRun queued = harness.Connect(Talk);

        harness.World.InLoop(harness.Listener.Release);

        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.True(harness.RecordOf(served).Reason.IsSuccess);
        Assert.Equal((1, false), (harness.Socket.Waiting, SessionHarness.IsTold(queued.Peer)));
        Assert.Equal(0, harness.World.Loop.Metrics.Counts.ListenersLost);
    }

    [Theory]
    [InlineData("retire", true)]
    [InlineData("release", true)]
    [InlineData("close", false)]
    public void LateConnection_AfterTheEnd_IsServedUnlessAllIsOver(string how, bool served)
    {
        SessionHarness harness = Start();
        harness.World.RunFor(50);
        harness.World.InLoop(
            how switch { "retire" => harness.Listener.Retire, "release" => harness.Listener.Release, _ => harness.Listener.Close });

        ClientRun late = harness.Connect(Talk, late: true);

        Assert.Equal(served, harness.RunToEnd(1_000, 1));
        Assert.Equal(!served, late.Peer.SawReset);
        if (served) Assert.True(harness.RecordOf(late).Reason.IsSuccess);
        Assert.Equal(served ? 1 : 0, harness.World.Registry.Read().AllServices().Accepted);
        harness.AssertClean();
    }

    [Fact]
    public void End_Twice_IsLikeOnce()
    {
        SessionHarness harness = Start();
        harness.World.RunFor(50);
        harness.World.InLoop(() =>
        {
            harness.Listener.Retire();
            harness.Listener.Release();
            harness.Listener.Close();
        });
        harness.AssertClean();
    }

    private static SessionHarness Start(int capacity = 1_000_000)
    {
        SessionHarness harness = new(capacity: capacity);
        harness.AddUpstream();
        harness.Start();
        return harness;
    }
}
