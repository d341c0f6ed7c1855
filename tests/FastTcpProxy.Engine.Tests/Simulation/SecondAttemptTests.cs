using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Single paths of second attempts and of ejection that chance comes to too seldom, and their limits.</summary>
public sealed class SecondAttemptTests
{
    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 40)];

    private static readonly PeerStep[] Talk = [PeerStep.Send(100), PeerStep.HalfClose, PeerStep.AwaitEnd];

    private static readonly HedgePolicy Soon = new() { Delay = TimeSpan.FromMilliseconds(50) };

    /// <summary>The capacity allows one session with two attempts: the others ask again, and all are served before the timeout.</summary>
    [Fact]
    public void Hedge_NoRoom_WaitsForIt()
    {
        SessionHarness harness = new(capacity: 16);
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream(delayUs: 100_000);
        harness.Start(d => d with { Hedge = Soon });
        for (int i = 0; i < 3; i++) harness.Connect(Talk);
        Assert.True(harness.RunToEnd(4_000, 3));
        harness.World.RunFor(6_000);
        ServiceCounts counts = harness.World.Registry.Read().AllServices();
        Assert.Equal(3, counts.Hedges[(int)HedgeResult.Won]);
        Assert.InRange(counts.Hedges[(int)HedgeResult.NoRoom], 2, 20);
        harness.AssertClean();
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public void ClientWait_IsMeasuredWhereAServiceHedges(bool hedges, int measured)
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start(d => d with { Hedge = hedges ? Soon : null });
        Serve(harness);
        Assert.Equal(measured, harness.World.Registry.Read().AllServices().ClientWait.Count);
        harness.AssertClean();
    }

    /// <summary>
    /// Both have answered, and the session may hear of the younger one first: the elder is taken, and the younger one has accepted nothing.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Hedge_BothAnswer_TheElderIsTaken(int seed)
    {
        SessionHarness harness = new(seed, new SimFaults { CompletionDelayMaxUs = 20_000 });
        harness.AddUpstream(delayUs: 88_000);
        harness.AddUpstream(delayUs: 40_000);
        harness.Start(d => d with { Hedge = Soon });
        ClientRun client = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(4_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((0, 2), (record.UpstreamIndex, record.Attempts.Total));
        Assert.Equal([AttemptOutcome.Superseded, AttemptOutcome.Connected], [record.Attempts[0].Outcome, record.Attempts[1].Outcome]);
        Assert.Same(harness.Hosts[0], Assert.Single(client.Upstreams).Host);
        harness.AssertClean();
    }

    /// <summary>Five sessions in a row that it ends at once: it is tried last for the hold, and then first again.</summary>
    [Fact]
    public void Passive_EndsEachAtOnce_IsTriedLastForAWhile()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([PeerStep.Reset], false));
        harness.AddUpstream();
        harness.Start(d => d with { Passive = PassivePolicy.Default });
        string served = "";
        for (int i = 0; i < 7; i++) served += Serve(harness);
        harness.World.RunFor(10_000);
        Assert.Equal("00000110", served + Serve(harness));
        harness.AssertClean();
    }

    /// <summary>A good upstream does not lose its place by clients to whom it answers nothing, as long as it answers others.</summary>
    [Fact]
    public void Passive_AnswersOneBetween_KeepsItsPlace()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: c => c.Id % 5 == 4 ? ([PeerStep.Echo, PeerStep.HalfClose], true) : ([PeerStep.Reset], false));
        harness.AddUpstream();
        harness.Start(d => d with { Passive = PassivePolicy.Default });
        Assert.Equal(new string('0', 20), string.Concat(Enumerable.Range(0, 20).Select(_ => Serve(harness))));
        harness.AssertClean();
    }

    [Fact]
    public void Passive_TheLastOneLeft_IsNotHeld()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([PeerStep.Reset], false));
        harness.AddUpstream(script: _ => ([PeerStep.Reset], false));
        harness.Start(d => d with { Passive = PassivePolicy.Default });
        Assert.Equal("000001111111", string.Concat(Enumerable.Range(0, 12).Select(_ => Serve(harness))));
        harness.AssertClean();
    }

    /// <summary>The number of the upstream that a client is proxied to.</summary>
    private static string Serve(SessionHarness harness)
    {
        ClientRun client = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(4_000, harness.Clients.Count));
        return $"{harness.RecordOf(client).UpstreamIndex}";
    }
}
