using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Attempts that are left for the next address without having failed, and come back at the end of the list.</summary>
public sealed class GivingWayTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(100), PeerStep.HalfClose, PeerStep.AwaitEnd];

    private readonly SessionHarness _harness = new();

    /// <summary>Two are silent and nothing is known of them yet: the third one has its turn after two delays.</summary>
    [Fact]
    public void TwoSilent_TheThirdServesAfterTwoDelays()
    {
        SessionRecord record = Serve(ConnectBehavior.Silent, ConnectBehavior.Silent, ConnectBehavior.Accept);
        Assert.Equal(2, record.UpstreamIndex);
        Assert.Equal([AttemptOutcome.Superseded, AttemptOutcome.Superseded, AttemptOutcome.Connected], OutcomesOf(record));
        Assert.InRange(record.ConnectUs, 500_000, 560_000);
    }

    [Fact]
    public void FourSilent_TheFifthServesAfterFourDelays()
    {
        SessionRecord record = Serve(ConnectBehavior.Silent, ConnectBehavior.Silent, ConnectBehavior.Silent, ConnectBehavior.Silent,
            ConnectBehavior.Accept);
        Assert.Equal((4, 5), (record.UpstreamIndex, record.Attempts.Total));
        Assert.InRange(record.ConnectUs, 1_000_000, 1_120_000);
    }

    /// <summary>The packet of the first one was lost, and no other one can serve.</summary>
    [Fact]
    public void TwoSilent_TheThirdRefuses_TheFirstIsTriedAgain()
    {
        _harness.World.Schedule(400_000, () => _harness.Hosts[0].Behavior = ConnectBehavior.Accept);
        SessionRecord record = Serve(ConnectBehavior.Silent, ConnectBehavior.Silent, ConnectBehavior.Refuse);
        Assert.Equal((0, 4), (record.UpstreamIndex, record.Attempts.Total));
        Assert.InRange(record.ConnectUs, 500_000, 560_000);
    }

    /// <summary>All are known to be silent: an attempt gives way to none that promises no more.</summary>
    [Fact]
    public void AllSuspect_NoneGivesWay()
    {
        for (int i = 0; i < 3; i++) _harness.AddUpstream(ConnectBehavior.Silent);
        _harness.Start(Incident.AllKeys);
        for (int i = 0; i < 3; i++) Hold(i);
        ClientRun client = _harness.Connect(Talk);
        _harness.World.RunFor(4_000);
        Assert.Equal(2, client.Tried.Count);
        Assert.True(_harness.RunToEnd(20_000, 1));
        _harness.AssertClean();
    }

    /// <summary>Without a token for it the elder one stays, until its time is over.</summary>
    [Fact]
    public void TwoSilent_NoBudget_NoneGivesWay()
    {
        HedgePolicy one = HedgePolicy.Default with { Percent = 0, PerSecond = 0, Burst = 1 };
        SessionRecord record = Serve(d => d with { Hedge = one }, ConnectBehavior.Silent, ConnectBehavior.Silent, ConnectBehavior.Accept);
        Assert.Equal(2, record.UpstreamIndex);
        Assert.Equal([AttemptOutcome.TimedOut, AttemptOutcome.Superseded, AttemptOutcome.Connected], OutcomesOf(record));
        Assert.InRange(record.ConnectUs, 5_000_000, 5_060_000);
    }

    [Fact]
    public void FullQueue_NextServesAfterTheDelay()
    {
        SessionRecord record = Serve(ConnectBehavior.FullQueue, ConnectBehavior.Accept);
        Assert.Equal(1, record.UpstreamIndex);
        Assert.Equal([AttemptOutcome.TimedOut, AttemptOutcome.Connected], OutcomesOf(record));
        Assert.InRange(record.ConnectUs, 250_000, 300_000);
    }

    [Fact]
    public void FullQueue_NextRefuses_ItIsTriedAgain()
    {
        _harness.World.Schedule(700_000, () => _harness.Hosts[0].Behavior = ConnectBehavior.Accept);
        SessionRecord record = Serve(ConnectBehavior.FullQueue, ConnectBehavior.Refuse);
        Assert.Equal(0, record.UpstreamIndex);
        Assert.Equal([AttemptOutcome.TimedOut, AttemptOutcome.Refused, AttemptOutcome.Connected], OutcomesOf(record));
        Assert.InRange(record.ConnectUs, 700_000, 950_000);
    }

    /// <summary>A full queue is silence: the fifth client makes it suspect, and the one that tries it waits for nothing.</summary>
    [Fact]
    public void FullQueue_FiveInARow_IsSuspect()
    {
        _harness.AddUpstream(ConnectBehavior.FullQueue);
        _harness.AddUpstream();
        _harness.Start(d => d with { Hedge = HedgePolicy.Default, Suspect = SuspectPolicy.Default });
        for (int i = 0; i < 5; i++) Assert.Equal(2, Serve().Attempts.Total);
        Assert.Equal(1, Serve().Attempts.Total);
        _harness.World.RunFor((long)SuspectPolicy.Default.Hold.TotalMilliseconds);
        SessionRecord probe = Serve();
        Assert.Equal((1, 2), (probe.UpstreamIndex, probe.Attempts.Total));
        Assert.InRange(probe.ConnectUs, 0, 20_000);
        Standing silence = _harness.Service.Definition.Upstreams[0].Addresses[0].Standing.Silence;
        Assert.Equal((StandingState.Held, 1), (silence.State, silence.Level));
        _harness.AssertClean();
    }

    private static AttemptOutcome[] OutcomesOf(SessionRecord record) =>
        [.. Enumerable.Range(0, record.Attempts.Count).Select(i => record.Attempts[i].Outcome)];

    private void Hold(int upstream)
    {
        AddressStanding standing = _harness.Service.Definition.Upstreams[upstream].Addresses[0].Standing;
        for (int i = 0; i < 5; i++) standing.Silent(_harness.World.Context.Loop.CoarseSharedMs, SuspectPolicy.Default.Terms, rampMs: 0);
    }

    private SessionRecord Serve(params ReadOnlySpan<ConnectBehavior> upstreams) =>
        Serve(d => d with { Hedge = HedgePolicy.Default }, upstreams);

    /// <summary>The only client of a service with these upstreams. No more than two connects are in flight at any time.</summary>
    private SessionRecord Serve(Func<ServiceDefinition, ServiceDefinition> configure, params ReadOnlySpan<ConnectBehavior> upstreams)
    {
        if (_harness.Hosts.Count == 0)
        {
            foreach (ConnectBehavior behavior in upstreams) _harness.AddUpstream(behavior);
            _harness.Start(configure);
        }
        ClientRun client = _harness.Connect(Talk);
        Assert.True(_harness.World.RunUntil(() =>
        {
            Assert.InRange(_harness.World.Registry.Read().AllUpstreams().Pending, 0, 2);
            return _harness.Collect() == _harness.Clients.Count;
        }, 20_000));
        Assert.True(_harness.RunToEnd(2_000, _harness.Clients.Count));
        SessionRecord record = _harness.RecordOf(client);
        Assert.Empty(SessionInvariants.Check(_harness));
        Assert.Empty(HedgedRuns.Check(_harness));
        return record;
    }
}
