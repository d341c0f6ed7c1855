using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Sessions of clients that guards judge: who is refused costs no upstream anything, and what was counted is given back.</summary>
public sealed class GuardedSessionTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(10), PeerStep.HalfClose, PeerStep.AwaitEnd];

    [Fact]
    public void Denied_IsRefusedBeforeAnythingIsSpent()
    {
        NetworkEntry entry = new(Network.Of(SessionHarness.AddressOf(0), 32, out _)!.Value, NetworkAction.Deny, 0);
        SessionHarness harness = Start(new GuardPolicy { Networks = GuardNetworks.Of([entry], ["list"], out _) });
        for (int i = 0; i < 2; i++) harness.Connect(Talk);

        Assert.True(harness.RunToEnd(2_000, 2));
        Assert.Equal(new EndReason(EndParty.Proxy, EndPhase.Guard, EndCause.Denied), harness.RecordOf(harness.Clients[0]).Reason);
        Assert.Empty(harness.Clients[0].Tried);
        Assert.True(harness.RecordOf(harness.Clients[1]).Reason.IsSuccess);
        harness.AssertClean();
    }

    [Fact]
    public void Denied_WhileItIsServed_IsReset_AndOthersContinue()
    {
        SessionHarness harness = Start(new GuardPolicy());
        for (int i = 0; i < 2; i++) harness.Connect([PeerStep.Send(10), PeerStep.AwaitEnd]);
        harness.World.RunFor(200);
        int ended = 0;
        Assert.Equal(ended, harness.Collect());
        foreach (ClientRun client in harness.Clients)
        {
            harness.World.Context.Guards.Entries.Set(new NetworkEntry(Network.Of(client.Address), NetworkAction.Deny, 0), 0);
            _ = Engine.Sessions.SessionQueries.ResetDeniedAsync([harness.World.Context]);
            harness.World.RunFor(50);
            Assert.Equal(++ended, harness.Collect());
            Assert.Equal(new EndReason(EndParty.Operator, EndPhase.Relay, EndCause.Denied), harness.RecordOf(client).Reason);
        }
        harness.AssertClean();
    }

    [Fact]
    public void PendingConnects_BeyondTheLimit_AreRefusedUntilOneEnds()
    {
        SessionHarness harness = Start(new GuardPolicy { Total = new TotalLimits(default, 3) }, ConnectBehavior.Silent);
        for (int i = 0; i < 5; i++) harness.Connect(Talk);
        harness.World.RunFor(100);
        Assert.Equal(2, harness.Collect());
        // They have waited out the timeout of their upstream.
        harness.World.RunFor(6_000);
        harness.Hosts[0].Behavior = ConnectBehavior.Accept;
        for (int i = 0; i < 3; i++) harness.Connect(Talk);

        Assert.True(harness.RunToEnd(2_000, 8));
        Assert.Equal(["connect.timedOut", "connect.timedOut", "connect.timedOut", "guard.pendingConnects", "guard.pendingConnects",
            "relay.ended", "relay.ended", "relay.ended"], harness.Clients.Select(c => Short(harness.RecordOf(c).Reason)));
        Assert.Equal(0, harness.World.Context.Guards.Process.Connecting.Current);
        harness.AssertClean();
    }

    [Fact]
    public void Sessions_OfASource_AreGivenBackWhateverEndsThem()
    {
        GuardPolicy policy = new() { PerSource = new SourceLimits(1, default, BanTerms.None) };
        SessionHarness harness = Start(policy);
        harness.Connect([PeerStep.Send(10), PeerStep.Reset]);
        harness.Connect(Talk);
        Assert.True(harness.RunToEnd(2_000, 2));
        foreach (ClientRun client in harness.Clients)
        {
            GuardState guards = harness.World.Context.Guards;
            GuardView view = guards.Look(policy, harness.Service.Guarded, client.Address, harness.World.Loop.SharedUs);
            SourceState left = view.Source!.Value;
            Assert.Equal((0, true), (left.Sessions, left.IsKnown));
        }
        harness.AssertClean();
    }

    private static string Short(EndReason reason) => reason.ToString()[(reason.ToString().IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static SessionHarness Start(GuardPolicy policy, ConnectBehavior behavior = ConnectBehavior.Accept)
    {
        SessionHarness harness = new();
        harness.AddUpstream(behavior);
        harness.Start(d => d with { Guards = policy });
        return harness;
    }
}
