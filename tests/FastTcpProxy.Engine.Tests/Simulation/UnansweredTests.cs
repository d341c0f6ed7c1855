using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Peers whose path is cut while something is on its way to them, and peers that read nothing.</summary>
public sealed class UnansweredTests
{
    private const int LimitMs = 8_000;

    /// <summary>
    /// The look that begins to count, the one that ends it, and the time in which the other side may still take what there is.
    /// </summary>
    private const long LateMs = 2 * (LimitMs / 8) + 2_000 + 200;

    private static ServiceDefinition Short(ServiceDefinition d) => d with { KeepAlive = new KeepAliveOptions(60, 10, 6, LimitMs) };

    [Theory]
    [InlineData(true, "client.relay.reset")]
    [InlineData(false, "upstream.relay.reset")]
    public void PathIsCut_WhileBytesAreOnTheirWay_EndsAfterTheLimit(bool atClient, string reason)
    {
        (SessionHarness harness, ClientRun client) = Join(Short);
        // Long enough that the session rests: what is sent then has to bring the looks about.
        harness.World.RunFor(30_000);
        SimPeer cut = atClient ? client.Peer : client.Upstreams[0].Peer;
        SimPeer other = atClient ? client.Upstreams[0].Peer : client.Peer;
        cut.End.IsCutOff = true;
        other.End.Send("never arrives"u8, hold: false);
        harness.World.RunFor(LimitMs - 100);
        Assert.Equal(1, harness.World.Context.LiveCount);
        harness.World.RunFor(LateMs);
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal(reason, record.Reason.ToString());
        Assert.True(other.End.IsBroken);
        harness.AssertClean();
    }

    [Fact]
    public void Answers_Come_GoesOn()
    {
        IEnumerable<PeerStep> sends = Enumerable.Repeat<PeerStep[]>([PeerStep.Pause(5_000_000), PeerStep.Send(1)], 10)
            .SelectMany(steps => steps);
        (SessionHarness harness, ClientRun client) = Join(Short, [.. sends, PeerStep.AwaitEnd]);
        harness.World.RunFor(60_000);
        Assert.Equal(10, client.Peer.ReceivedBytes);
        Assert.Equal(1, harness.World.Context.LiveCount);
        End(harness);
    }

    [Fact]
    public void PeerReadsNothing_ForMuchLongerThanTheLimit_GoesOn()
    {
        (SessionHarness harness, ClientRun client) = Join(Short, [PeerStep.Send(64 << 10), PeerStep.AwaitEnd], reads: false);
        harness.World.RunFor(10 * LimitMs);
        Assert.Equal(0, client.Peer.ReceivedBytes);
        Assert.Equal(1, harness.World.Context.LiveCount);
        End(harness);
    }

    [Fact]
    public void Session_AllIsAcknowledged_RestsUntilTheIdleLimit()
    {
        (SessionHarness harness, _) = Join(d => Short(d) with { IdleTimeout = TimeSpan.FromHours(1) });
        harness.World.RunFor(60_000);
        Session session = Assert.Single(SessionHarness.LiveOf(harness.World.Context));
        Assert.InRange(session.DueTick * TimerWheel.TickMs - harness.World.Loop.NowUs / 1000, 3_500_000, 3_600_000);
        End(harness);
    }

    private static (SessionHarness Harness, ClientRun Client) Join(Func<ServiceDefinition, ServiceDefinition> configure,
        PeerStep[]? script = null, bool reads = true)
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => (script ?? [PeerStep.AwaitEnd], false));
        harness.Start(configure);
        ClientRun client = harness.Connect(reads ? [PeerStep.AwaitEnd] : [PeerStep.Pause(3_600_000_000)], reads: reads);
        harness.World.RunFor(100);
        Assert.Single(client.Upstreams);
        return (harness, client);
    }

    private static void End(SessionHarness harness)
    {
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        harness.AssertClean();
    }
}
