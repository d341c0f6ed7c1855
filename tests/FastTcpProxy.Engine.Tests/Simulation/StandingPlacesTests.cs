using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Which upstream a client begins with, where more than one has something held against it.</summary>
public sealed class StandingPlacesTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(100), PeerStep.HalfClose, PeerStep.AwaitEnd];

    private readonly SessionHarness _harness = new(secondAttempts: 4);

    private long NowMs => _harness.World.Context.Loop.CoarseSharedMs;

    /// <summary>The one that returns is the only one that answers: all begin with it, whatever its share is.</summary>
    [Fact]
    public void Returning_BesideASuspect_HasAllClients()
    {
        _harness.AddUpstream(ConnectBehavior.Silent);
        _harness.AddUpstream();
        _harness.Start(Incident.AllKeys);
        Hold(0);
        StandingOf(1).Return(NowMs);
        Assert.All(Serve(20), r => Assert.Equal((1, 1), (r.UpstreamIndex, r.Attempts.Total)));
        _harness.AssertClean();
    }

    /// <summary>Both return, the second one for longer: it has what the first one does not get yet.</summary>
    [Fact]
    public void Returning_BesideOneThatIsFurther_HasItsShare()
    {
        _harness.AddUpstream();
        _harness.AddUpstream();
        _harness.Start(d => Incident.AllKeys(d) with { Failback = new FailbackPolicy { Ramp = TimeSpan.FromMinutes(30) } });
        StandingOf(1).Return(NowMs);
        _harness.World.RunFor(15 * 60_000);
        StandingOf(0).Return(NowMs);
        Assert.InRange(Serve(200).Count(r => r.UpstreamIndex == 0), 10, 22);
        _harness.AssertClean();
    }

    /// <summary>A hold that is over holds nothing, though no client has come to its turn since.</summary>
    [Fact]
    public void Passive_HoldOfAnotherIsOver_IsHeld()
    {
        _harness.AddUpstream(script: _ => ([PeerStep.Reset], false));
        _harness.AddUpstream();
        _harness.Start(d => d with { Passive = PassivePolicy.Default });
        for (int i = 0; i < 5; i++) StandingOf(1).Reset(NowMs, PassivePolicy.Default.Terms, rampMs: 0);
        _harness.World.RunFor((long)PassivePolicy.Default.Hold.TotalMilliseconds);
        Assert.Equal([0, 0, 0, 0, 0, 1], Enumerable.Range(0, 6).Select(_ => (int)Serve(1)[0].UpstreamIndex));
        _harness.AssertClean();
    }

    /// <summary>The whole time is over before the upstream had the time that connects to it may take.</summary>
    [Fact]
    public void TotalTimeout_BeforeItCouldAnswer_IsNoSilence()
    {
        _harness.AddUpstream(ConnectBehavior.Silent);
        _harness.AddUpstream(delayUs: 200_000);
        _harness.Start(d => d with
        {
            ConnectTimeout = TimeSpan.FromSeconds(1), TotalConnectTimeout = TimeSpan.FromSeconds(1.1), Suspect = SuspectPolicy.Default,
        });
        for (int i = 0; i < 5; i++) _harness.Connect(Talk);
        Assert.True(_harness.RunToEnd(4_000, 5));
        Assert.Equal((StandingState.Held, default), (StandingOf(0).Silence.State, StandingOf(1).Silence));
        _harness.AssertClean();
    }

    /// <summary>One attempt can be watched at a time: the second suspect is not probed by one client after the other meanwhile.</summary>
    [Fact]
    public void Probe_WithoutRoomToWatchIt_Waits()
    {
        _harness.AddUpstream(ConnectBehavior.Silent);
        _harness.AddUpstream(ConnectBehavior.Silent);
        _harness.AddUpstream();
        _harness.Start(Incident.AllKeys);
        Hold(0);
        Hold(1);
        _harness.World.RunFor((long)SuspectPolicy.Default.Hold.TotalMilliseconds);
        for (int i = 1; i <= 10; i++)
        {
            _harness.Connect(Talk);
            Assert.True(_harness.World.RunUntil(() => _harness.Collect() == i, 100));
        }
        Assert.Equal(1, _harness.World.Registry.Read().AllUpstreams().Probes);
        _harness.World.RunFor(6_000);
        _harness.AssertClean();
    }

    private AddressStanding StandingOf(int upstream) => _harness.Service.Definition.Upstreams[upstream].Addresses[0].Standing;

    private void Hold(int upstream)
    {
        HoldTerms terms = SuspectPolicy.Default.Terms;
        for (int i = 0; i < terms.After; i++) StandingOf(upstream).Silent(NowMs, terms, rampMs: 0);
    }

    private SessionRecord[] Serve(int clients)
    {
        List<ClientRun> served = [];
        for (int i = 0; i < clients; i++) served.Add(_harness.Connect(Talk));
        Assert.True(_harness.RunToEnd(4_000, _harness.Clients.Count));
        return [.. served.Select(_harness.RecordOf)];
    }
}
