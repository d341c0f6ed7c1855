using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>An upstream that accepts and resets the connection: when the session goes to the next one, and when it must not.</summary>
public sealed class ResetRetryTests
{
    /// <summary>A client of a protocol in which the server speaks first.</summary>
    private static readonly PeerStep[] Listens = [PeerStep.AwaitBytes(10), PeerStep.Send(100), PeerStep.HalfClose, PeerStep.AwaitEnd];

    private static readonly PeerStep[] Greets = [PeerStep.Send(10), PeerStep.AwaitBytes(100), PeerStep.AwaitEnd, PeerStep.Close];

    private static readonly PeerStep[] Resets = [PeerStep.Pause(1_000), PeerStep.Reset];

    [Fact]
    public void Reset_NothingSent_TheNextUpstreamServes()
    {
        SessionHarness harness = Start(HeaderMode.Raw, Resets, Greets);
        ClientRun client = harness.Connect(Listens);
        Assert.True(harness.RunToEnd(4_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((EndPhase.Relay, EndCause.Ended, 1, 2),
            (record.Reason.Phase, record.Reason.Cause, record.UpstreamIndex, record.Attempts.Total));
        Assert.Equal((100, 10), (record.BytesFromClient, record.BytesFromUpstream));
        Assert.Equal(1, harness.World.Registry.Read().AllServices().Retried);
        harness.AssertClean();
    }

    /// <summary>The client speaks while the next upstream is being connected: its wait was in flight all the time.</summary>
    [Fact]
    public void Reset_ClientSpeaksMeanwhile_NothingIsLost()
    {
        SessionHarness harness = Start(HeaderMode.Raw, Resets, [PeerStep.AwaitBytes(100), PeerStep.AwaitEnd, PeerStep.Close],
            secondDelayUs: 200_000);
        ClientRun client = harness.Connect([PeerStep.Pause(100_000), PeerStep.Send(100), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(4_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((EndCause.Ended, 1, 100L), (record.Reason.Cause, record.UpstreamIndex, record.BytesFromClient));
        harness.AssertClean();
    }

    public static TheoryData<string> Told { get; } = ["header", "byte", "end", "answer", "key"];

    [Theory]
    [MemberData(nameof(Told))]
    public void Reset_SomethingWasSent_EndsTheSession(string what)
    {
        PeerStep[] client = what switch
        {
            "byte" => [PeerStep.Send(1), PeerStep.AwaitEnd],
            "end" => [PeerStep.HalfClose, PeerStep.AwaitEnd],
            _ => [PeerStep.AwaitEnd],
        };
        PeerStep[] first = what == "answer"
            ? [PeerStep.Send(1), PeerStep.Pause(50_000), PeerStep.Reset]
            : [PeerStep.Pause(50_000), PeerStep.Reset];
        SessionHarness harness = Start(what == "header" ? HeaderMode.ProxyV2 : HeaderMode.Raw, first, Greets,
            what == "key" ? ResetRetry.Never : ResetRetry.BeforeClientBytes);
        ClientRun run = harness.Connect(client);
        Assert.True(harness.RunToEnd(4_000, 1));
        SessionRecord record = harness.RecordOf(run);
        Assert.Equal((EndParty.Upstream, EndCause.Reset, 0, 1),
            (record.Reason.Party, record.Reason.Cause, record.UpstreamIndex, record.Attempts.Total));
        harness.AssertClean();
    }

    /// <summary>Every upstream of a long list resets: the session ends by the reset of the one behind the limit.</summary>
    [Fact]
    public void Reset_ByEach_EndsAtTheLimit()
    {
        SessionHarness harness = new();
        for (int i = 0; i < Session.ReplacedMax + 3; i++) harness.AddUpstream(script: _ => (Resets, false));
        harness.Start(d => d with { RetryOnReset = ResetRetry.BeforeClientBytes });
        ClientRun client = harness.Connect(Listens);
        Assert.True(harness.RunToEnd(4_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((EndPhase.Relay, EndCause.Reset, Session.ReplacedMax + 1),
            (record.Reason.Phase, record.Reason.Cause, record.Attempts.Total));
        harness.AssertClean();
    }

    /// <summary>Behind the one that resets no one accepts: the client learns that the list has failed.</summary>
    [Fact]
    public void Reset_TheOthersRefuse_TheListHasFailed()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => (Resets, false));
        harness.AddUpstream(ConnectBehavior.Refuse);
        harness.Start(d => d with { RetryOnReset = ResetRetry.BeforeClientBytes });
        ClientRun client = harness.Connect(Listens);
        Assert.True(harness.RunToEnd(4_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((EndPhase.Connect, EndCause.Refused, -1, 2),
            (record.Reason.Phase, record.Reason.Cause, record.UpstreamIndex, record.Attempts.Total));
        ServiceCounts counts = harness.World.Registry.Read().AllServices();
        Assert.Equal((1, 1, 1), (counts.Retried, counts.Proxied, counts.AllFailed));
        harness.AssertClean();
    }

    [Fact]
    public void Reset_Retried_IsStillHeldAgainstTheUpstream()
    {
        SessionHarness harness = Start(HeaderMode.Raw, Resets, Greets, passive: PassivePolicy.Default with { Resets = 2 });
        int[] attempts = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            ClientRun client = harness.Connect(Listens);
            Assert.True(harness.RunToEnd(4_000, harness.Clients.Count));
            return harness.RecordOf(client).Attempts.Total;
        })];
        Assert.Equal([2, 2, 1], attempts);
        harness.AssertClean();
    }

    private static SessionHarness Start(HeaderMode mode, PeerStep[] first, PeerStep[] second,
        ResetRetry retry = ResetRetry.BeforeClientBytes, int secondDelayUs = 0, PassivePolicy? passive = null)
    {
        SessionHarness harness = new();
        harness.AddUpstream(mode: mode, script: _ => (first, false));
        harness.AddUpstream(mode: mode, delayUs: secondDelayUs, script: _ => (second, false));
        harness.Start(d => d with { RetryOnReset = retry, Passive = passive });
        return harness;
    }
}
