using System.Net;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>The listeners of an engine on a transport that has no socket at all: they know no other than the seam.</summary>
public sealed class ListenerSetSimTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];
    private static readonly ListenAddress Here = new(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 25));
    private static readonly ListenAddress There = new(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 26));

    private readonly SessionHarness _harness = new();
    private readonly ListenerSet _listeners;

    public ListenerSetSimTests()
    {
        _harness.AddUpstream();
        _harness.Start();
        _harness.StopListening();
        _listeners = new ListenerSet([_harness.World.Context], _harness.World.Transports);
    }

    [Fact]
    public void Commit_NewAddressInPlaceOfAnother_ClientsOfBothAreServed()
    {
        Listen(Here);
        SimListenSocket first = _harness.World.Transports.Latest;
        ClientRun before = _harness.Connect(Talk, to: first);
        _harness.World.RunFor(50);
        ClientRun queued = _harness.Connect(Talk, to: first);

        Listen(There);
        SimListenSocket second = _harness.World.Transports.Latest;
        ClientRun after = _harness.Connect(Talk, to: second);

        Assert.True(_harness.RunToEnd(1_000, 3));
        Assert.All([before, queued, after], c => Assert.True(_harness.RecordOf(c).Reason.IsSuccess));
        Assert.Equal((true, false), (first.IsClosed, second.IsClosed));
        Stop();
    }

    [Fact]
    public void Prepare_OneAddressIsTaken_ReleasesTheOthersAndTouchesNothing()
    {
        Listen(Here);
        SimListenSocket first = _harness.World.Transports.Latest;
        _harness.World.Transports.Taken.Add(There.Text);
        ListenAddress third = new(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 27));

        BindException e =
            Assert.Throws<BindException>(() => _listeners.Prepare([new ListenPlan(_harness.Service, [third, There])], inherited: null));

        Assert.Equal(There.Text, Assert.Single(e.Failures).Address);
        Assert.Equal(There.Text, Assert.Single(_listeners.Try([new ListenPlan(_harness.Service, [third, There])])).Address);
        Assert.Equal((0, false), (_harness.World.Transports.Unused, first.IsClosed));
        ClientRun client = _harness.Connect(Talk, to: first);
        Assert.True(_harness.RunToEnd(1_000, 1));
        Assert.True(_harness.RecordOf(client).Reason.IsSuccess);
        Stop();
    }

    private void Listen(ListenAddress address)
    {
        using ListenerChange change = _listeners.Prepare([new ListenPlan(_harness.Service, [address])], inherited: null);
        _listeners.Commit(change, resetRemoved: false);
    }

    private void Stop()
    {
        _listeners.Close();
        _harness.AssertClean();
    }
}
