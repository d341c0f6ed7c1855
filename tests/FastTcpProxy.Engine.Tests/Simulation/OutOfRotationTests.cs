using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>What happens when upstreams leave the list while sessions are there.</summary>
public sealed class OutOfRotationTests
{
    private static readonly PeerStep[] Stay = [PeerStep.Send(10), PeerStep.AwaitEnd];

    [Theory]
    [InlineData(AllFailedAction.Reset)]
    [InlineData(AllFailedAction.Close)]
    public void NoUpstream_ClientFailsAtOnce(AllFailedAction action)
    {
        SessionHarness harness = new();
        harness.Start(d => d with { Upstreams = [], OnAllFailed = action });

        ClientRun client = harness.Connect(Stay);

        Assert.True(harness.RunToEnd(1, 1));
        Assert.Equal("proxy.connect.noUpstream", harness.RecordOf(client).Reason.ToString());
        Assert.Equal(0, harness.RecordOf(client).Attempts.Total);
        Assert.Equal((action == AllFailedAction.Close, action == AllFailedAction.Reset), (client.Peer.SawEnd, client.Peer.SawReset));
        harness.AssertClean();
    }

    [Fact]
    public void Sweep_EndsTheSessionsOnThatUpstreamAndNoOther()
    {
        SessionHarness harness = Two();
        ClientRun[] onFirst = [.. Enumerable.Range(0, 3 * SessionSweep.PerTurn + 1).Select(_ => harness.Connect(Stay))];
        harness.World.RunFor(50);
        ServiceDefinition whole = harness.Service.Definition;
        harness.Service.Publish(whole with { Upstreams = whole.Upstreams.RemoveAt(0) });
        ClientRun onSecond = harness.Connect(Stay);
        harness.World.RunFor(50);

        Sweep(harness, whole.Upstreams[0].Name);
        harness.World.RunFor(50);

        Assert.All(onFirst, client => Assert.Equal("proxy.relay.upstreamDown", harness.RecordOf(client).Reason.ToString()));
        Assert.All(onFirst, client => Assert.True(client.Peer.SawReset));
        Assert.False(SessionHarness.IsTold(onSecond.Peer));
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        harness.RunToEnd(100, onFirst.Length + 1);
        harness.AssertClean();
    }

    [Fact]
    public void Sweep_ManySessions_EndsAFewInEachTurn()
    {
        SessionHarness harness = Two();
        const int Sessions = 4 * SessionSweep.PerTurn;
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(50);

        Sweep(harness, harness.Service.Definition.Upstreams[0].Name);

        Assert.Equal(Sessions - SessionSweep.PerTurn, harness.World.Context.LiveCount);
        Assert.True(harness.RunToEnd(100, Sessions));
        harness.AssertClean();
    }

    /// <summary>Chance decides what comes first, a turn or the next client: hence many seeds.</summary>
    [Fact]
    public void Sweep_SessionBeganBetweenTwoTurns_LivesOn()
    {
        const int Sessions = 10 * SessionSweep.PerTurn;
        for (int seed = 1; seed <= 20; seed++)
        {
            SessionHarness harness = Two(seed);
            for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
            harness.World.RunFor(50);
            string name = harness.Service.Definition.Upstreams[0].Name;
            LoopContext context = harness.World.Context;
            harness.World.InLoop(() =>
            {
                ((ILoopItem)new SessionSweep(context, s => s.IsProxiedTo(harness.Service, name), EndParty.Proxy,
                    EndCause.UpstreamDown)).Run();
                // One of the last turn ends by itself before: its object is the next that is taken from the pool.
                SessionHarness.LiveOf(context)[^1].EndByForce(EndParty.Client, EndCause.Reset);
            });

            ClientRun later = harness.Connect(Stay);
            harness.World.RunFor(50);

            Assert.False(SessionHarness.IsTold(later.Peer), $"seed {seed}");
            Assert.Equal(1, context.LiveCount);
            harness.World.InLoop(() => context.EndAll(EndParty.Operator, EndCause.Drained));
            harness.RunToEnd(100, Sessions + 1);
            harness.AssertClean();
        }
    }

    private static SessionHarness Two(int seed = 1)
    {
        SessionHarness harness = new(seed);
        harness.AddUpstream(script: _ => ([], false));
        harness.AddUpstream(script: _ => ([], false));
        harness.Start();
        return harness;
    }

    private static void Sweep(SessionHarness harness, string upstream) => harness.World.InLoop(() =>
        ((ILoopItem)new SessionSweep(harness.World.Context, s => s.IsProxiedTo(harness.Service, upstream), EndParty.Proxy,
            EndCause.UpstreamDown)).Run());
}
