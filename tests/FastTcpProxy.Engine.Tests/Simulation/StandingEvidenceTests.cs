using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>What is evidence against an upstream, and what only looks like it.</summary>
public sealed class StandingEvidenceTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(100), PeerStep.HalfClose, PeerStep.AwaitEnd];

    /// <summary>As a balancer in front checks: it connects, says nothing and leaves. Servers answer that with an end or a reset.</summary>
    [Fact]
    public void Passive_ClientThatLeavesWithoutAByte_IsNoEvidence()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([PeerStep.AwaitEnd, PeerStep.Reset], false));
        harness.AddUpstream();
        harness.Start(d => d with { Passive = PassivePolicy.Default });
        Assert.Equal("00000000", Serve(harness, 8, [PeerStep.HalfClose, PeerStep.AwaitEnd]));
        Assert.Equal("00000111", Serve(harness, 8, Talk));
        harness.AssertClean();
    }

    /// <summary>
    /// The neighbour discovery of this machine gives up after three seconds. A client that connects just before is told so at once; the
    /// server is as silent as before.
    /// </summary>
    [Fact]
    public void Suspect_ProbeFindsNoWay_StaysSuspect()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream();
        harness.Start(d => d with { Hedge = HedgePolicy.Default, Suspect = SuspectPolicy.Default });
        Assert.Equal("11111", Serve(harness, 5, Talk));
        AddressStanding standing = harness.Service.Definition.Upstreams[0].Addresses[0].Standing;
        Assert.Equal((StandingState.Held, 0), (standing.Silence.State, standing.Silence.Level));
        harness.World.RunFor(1_500);
        harness.Hosts[0].Behavior = ConnectBehavior.Unreachable;
        Assert.Equal("1", Serve(harness, 1, Talk));
        Assert.Equal((StandingState.Held, 1), (standing.Silence.State, standing.Silence.Level));
        harness.World.RunFor(6_000);
        harness.AssertClean();
    }

    /// <summary>
    /// The process is stopped while an attempt is watched that its session has given up. The answer comes meanwhile, and is heard of after
    /// the attempt's deadline: the server was slow, and is not suspect.
    /// </summary>
    [Fact]
    public void Suspect_AnswerComesInAPause_IsHeardOf()
    {
        SessionHarness harness = new();
        harness.AddUpstream(delayUs: 4_950_000);
        harness.AddUpstream();
        harness.Start(d => d with
        {
            Hedge = HedgePolicy.Default, Suspect = new SuspectPolicy { After = 1, Hold = TimeSpan.FromMinutes(1) },
        });
        Assert.Equal("1", Serve(harness, 1, Talk));
        AddressStanding standing = harness.Service.Definition.Upstreams[0].Addresses[0].Standing;
        Assert.Equal(StandingState.Held, standing.Silence.State);
        harness.World.RunUntil(() => harness.World.Clock.NowUs >= 4_900_000, 5_000);
        harness.World.Pause(10_000, toldAfterMs: 3 * FastTcpProxy.Engine.Loop.TimerWheel.TickMs);
        harness.World.RunFor(12_000);
        Assert.Equal(default, standing.Silence);
        harness.AssertClean();
    }

    /// <summary>The process is stopped while a connect is in flight: the server is not learned as one that takes ten seconds.</summary>
    [Fact]
    public void UsualTime_ConnectAcrossAPause_LeavesThePauseOut()
    {
        SessionHarness harness = new();
        harness.AddUpstream(delayUs: 100_000);
        harness.AddUpstream();
        harness.Start(d => d with { Hedge = HedgePolicy.Default, Suspect = SuspectPolicy.Default });
        ClientRun client = harness.Connect(Talk);
        harness.World.RunFor(50);
        harness.World.Pause(10_000, toldAfterMs: 3 * FastTcpProxy.Engine.Loop.TimerWheel.TickMs);
        Assert.True(harness.RunToEnd(60_000, 1));
        Assert.Equal(0, harness.RecordOf(client).UpstreamIndex);
        TimeSpan usual = harness.Service.Definition.Upstreams[0].Addresses[0].UsualConnectTime!.Value;
        Assert.InRange(usual.TotalMilliseconds, 50, 400);
        harness.AssertClean();
    }

    /// <summary>
    /// A suspect server answers late: all loops learn that it is slow, or the next one would suspect it again. A late answer of a trusted
    /// one may come from a lost packet, and stays with the loop that saw it.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Answer_ComesLate_IsToldToAllLoopsIfItWasSuspect(int after, bool isTold)
    {
        SessionHarness harness = new();
        harness.AddUpstream(delayUs: 600_000);
        harness.AddUpstream();
        harness.Start(d => d with { Hedge = HedgePolicy.Default, Suspect = new SuspectPolicy { After = after } });
        Assert.Equal("1", Serve(harness, 1, Talk));
        harness.World.RunFor(1_000);
        UpstreamAddress address = harness.Service.Definition.Upstreams[0].Addresses[0];
        int loop = harness.World.Context.Loop.Index;
        Assert.Equal((true, isTold), (address.ConnectTimeOf(loop).IsKnown, address.ConnectTimeOf(loop + 1).IsKnown));
        harness.AssertClean();
    }

    /// <summary>
    /// The process is stopped while a probe is in flight, for longer than one may take. The next client probes as well, and the hold
    /// doubles once.
    /// </summary>
    [Fact]
    public void Suspect_ProbeAcrossAPause_CountsOnce()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream();
        HedgePolicy slow = HedgePolicy.Default with { Delay = TimeSpan.FromSeconds(1) };
        harness.Start(d => d with { Hedge = slow, Suspect = new SuspectPolicy { After = 1 } });
        Assert.Equal("1", Serve(harness, 1, Talk));
        harness.World.RunFor(1_500);
        harness.Connect(Talk);
        harness.World.RunFor(50);
        harness.World.Pause(10_000, toldAfterMs: 3 * FastTcpProxy.Engine.Loop.TimerWheel.TickMs);
        harness.World.RunFor(10_100);
        harness.Connect(Talk);
        harness.World.RunFor(50);
        Assert.Equal(2, harness.World.Registry.Read().AllUpstreams().Probes);
        harness.World.RunFor(1_500);
        Standing silence = harness.Service.Definition.Upstreams[0].Addresses[0].Standing.Silence;
        Assert.Equal((StandingState.Held, 1), (silence.State, silence.Level));
        harness.World.RunFor(6_000);
        harness.AssertClean();
    }

    /// <summary>A reload takes <c>suspect</c> away while an upstream is held: it has its place again, and all clients.</summary>
    [Fact]
    public void Suspect_IsTakenAway_NothingRampsForIt()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.AddUpstream();
        harness.Start(d => Incident.AllKeys(d) with { Suspect = new SuspectPolicy { After = 1 } });
        AddressStanding standing = harness.Service.Definition.Upstreams[0].Addresses[0].Standing;
        standing.Silent(harness.World.Context.Loop.CoarseSharedMs, new SuspectPolicy { After = 1 }.Terms, rampMs: 0);
        Assert.Equal("1", Serve(harness, 1, Talk));
        harness.Service.Publish(harness.Service.Definition with { Suspect = null });
        Assert.Equal(new string('0', 20), Serve(harness, 20, Talk));
        harness.AssertClean();
    }

    /// <summary>The numbers of the upstreams that so many clients, one after the other, are proxied to.</summary>
    private static string Serve(SessionHarness harness, int clients, PeerStep[] steps)
    {
        string served = "";
        for (int i = 0; i < clients; i++)
        {
            ClientRun client = harness.Connect(steps);
            Assert.True(harness.RunToEnd(4_000, harness.Clients.Count));
            served += $"{harness.RecordOf(client).UpstreamIndex}";
        }
        return served;
    }
}
