using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Every reason that a session can end with, each brought about on purpose, and what was recorded of it.</summary>
public sealed class EndReasonTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];

    private static AcceptProxyDefinition FromClients(int prefix) =>
        new()
        {
            From = new NetworkSet([new IPNetwork(IPAddress.Parse(prefix == 32 ? "192.0.2.1" : "10.0.0.0"), prefix)]),
            Timeout = TimeSpan.FromMilliseconds(300),
        };

    [Theory]
    [InlineData(nameof(ConnectBehavior.Refuse), "upstream.connect.refused", AttemptOutcome.Refused)]
    [InlineData(nameof(ConnectBehavior.Reset), "upstream.connect.refused", AttemptOutcome.Refused)]
    [InlineData(nameof(ConnectBehavior.Silent), "upstream.connect.timedOut", AttemptOutcome.TimedOut)]
    [InlineData(nameof(ConnectBehavior.KernelTimeout), "upstream.connect.timedOut", AttemptOutcome.TimedOut)]
    [InlineData(nameof(ConnectBehavior.Unreachable), "upstream.connect.unreachable", AttemptOutcome.Unreachable)]
    [InlineData(nameof(ConnectBehavior.Strange), "upstream.connect.failed", AttemptOutcome.Failed)]
    [InlineData(nameof(ConnectBehavior.NoLocalPort), "proxy.connect.noLocalPort", AttemptOutcome.NoLocalPort)]
    [InlineData(nameof(ConnectBehavior.NoDescriptor), "proxy.connect.noDescriptor", AttemptOutcome.NoDescriptor)]
    [InlineData(nameof(ConnectBehavior.NoMemory), "proxy.connect.noMemory", AttemptOutcome.NoMemory)]
    [InlineData(nameof(ConnectBehavior.FullQueue), "upstream.connect.timedOut", AttemptOutcome.TimedOut)]
    public void OnlyUpstream_Fails_TheReasonSaysHow(string behavior, string reason, AttemptOutcome outcome)
    {
        SessionRecord record = RunOne(Talk, h => h.AddUpstream(Enum.Parse<ConnectBehavior>(behavior)), out SessionHarness harness,
            withinMs: 6_000);
        Assert.Equal(reason, record.Reason.ToString());
        Assert.Equal((1, outcome), (record.Attempts.Total, record.Attempts[0].Outcome));
        Assert.Equal(-1, record.UpstreamIndex);
        Assert.Null(record.UpstreamAddress);
        Assert.True(harness.Clients[0].Peer.End.IsBroken);
        Assert.Equal(1, harness.World.Registry.Read().AllServices().AllFailed);
        harness.AssertClean();
    }

    [Fact]
    public void OnlyUpstream_Unresolved_IsTheReason()
    {
        SessionRecord record = RunOne(
            Talk, h => h.AddUpstream(), out SessionHarness harness,
            d => d with { Upstreams = [new UpstreamDefinition("n", HeaderMode.Raw, [])] });
        Assert.Equal("upstream.connect.unresolved", record.Reason.ToString());
        Assert.Equal(AttemptOutcome.Unresolved, record.Attempts[0].Outcome);
        harness.AssertClean();
    }

    /// <summary>Scripts of the client and of the upstream, and the reason.</summary>
    public static TheoryData<string, string, string> RelayScripts => new()
    {
        { "send,half,await", "echo,half", "client.relay.ended" },
        { "await,half", "send,half", "upstream.relay.ended" },
        { "send,pause,reset", "", "client.relay.reset" },
        { "pause,reset", "", "client.relay.reset" },
        { "pause,vanish", "", "client.relay.reset" },
        { "send", "pause,reset", "upstream.relay.reset" },
        { "send", "pause,vanish", "upstream.relay.reset" },
        { "send,half", "", "proxy.relay.halfClosed" },
        { "", "half", "proxy.relay.halfClosed" },
        { "", "", "proxy.relay.idle" },
        { "send", "echo", "proxy.relay.idle" },
    };

    [Theory]
    [MemberData(nameof(RelayScripts))]
    public void Proxied_Scripts_EndForTheReason(string client, string upstream, string reason)
    {
        SessionRecord record = RunOne(
            Parse(client), h => h.AddUpstream(script: _ => (Parse(upstream), upstream.Contains("echo"))), out SessionHarness harness,
            withinMs: 40_000);
        Assert.Equal(reason, record.Reason.ToString());
        Assert.Equal((0, "10.9.0.1:1000"), (record.UpstreamIndex, record.UpstreamAddress?.Text));
        Assert.Equal(AttemptOutcome.Connected, record.Attempts[0].Outcome);
        Assert.Equal(reason.EndsWith("relay.ended"), record.Reason.IsSuccess);
        Assert.Empty(SessionInvariants.Check(harness));
        harness.AssertClean();
    }

    [Fact]
    public void Client_ResetsWhileConnecting_IsNoticedWithinASecond()
    {
        SessionRecord record = RunOne(
            [PeerStep.Send(10), PeerStep.Pause(300_000), PeerStep.Reset], h => h.AddUpstream(ConnectBehavior.Silent),
            out SessionHarness harness);
        Assert.Equal("client.connect.reset", record.Reason.ToString());
        Assert.Equal(AttemptOutcome.Abandoned, record.Attempts[0].Outcome);
        Assert.InRange(record.TotalUs, 300_000, 1_300_000);
        harness.AssertClean();
    }

    [Fact]
    public void Client_ClosesSilentlyWhileConnectingAndIsNotToBeServed_IsNoticedWithinASecond()
    {
        SessionRecord record = RunOne(
            [PeerStep.Pause(1_000_000), PeerStep.Close], h => h.AddUpstream(ConnectBehavior.Silent), out SessionHarness harness,
            d => d with { AbortOnClose = true });
        Assert.Equal("client.connect.closed", record.Reason.ToString());
        Assert.Equal(AttemptOutcome.Abandoned, record.Attempts[0].Outcome);
        Assert.InRange(record.TotalUs, 1_000_000, 2_000_000);
        harness.AssertClean();
    }

    /// <summary>Attempts that each end before a look at the client is due must not put the look off.</summary>
    [Theory]
    [InlineData(true, "client.connect.reset")]
    [InlineData(false, "client.connect.closed")]
    public void Client_LeavesWhileManyAttemptsFailOneAfterTheOther_IsNoticedWithinASecond(bool sends, string reason)
    {
        PeerStep[] script = sends ? [PeerStep.Send(10), PeerStep.Pause(250_000), PeerStep.Reset] : [PeerStep.Close];
        SessionRecord record = RunOne(script, h =>
        {
            for (int i = 0; i < 40; i++) h.AddUpstream(ConnectBehavior.Refuse, delayUs: sends ? 450_000 : 90_000);
        }, out SessionHarness harness, d => d with { AbortOnClose = true }, withinMs: 20_000);
        Assert.Equal(reason, record.Reason.ToString());
        Assert.InRange(record.TotalUs, 1, 1_250_000);
        harness.AssertClean();
    }

    [Fact]
    public void Client_SentAndHalfClosedWhileConnecting_IsServed()
    {
        SessionRecord record = RunOne(Talk, h =>
        {
            h.AddUpstream(ConnectBehavior.Silent);
            h.AddUpstream(mode: HeaderMode.ProxyV2);
        }, out SessionHarness harness, d => d with { ConnectTimeout = TimeSpan.FromSeconds(2) });
        Assert.Equal("client.relay.ended", record.Reason.ToString());
        Assert.Equal(1, record.UpstreamIndex);
        Assert.Equal((1000, 1000), (record.BytesFromClient, record.BytesFromUpstream));
        Assert.Equal((AttemptOutcome.TimedOut, AttemptOutcome.Connected), (record.Attempts[0].Outcome, record.Attempts[1].Outcome));
        Assert.InRange(record.ConnectUs, 2_000_000, 2_040_000);
        Assert.Equal(1000, harness.Clients[0].Peer.ReceivedBytes);
        Assert.Empty(SessionInvariants.Check(harness));
        harness.AssertClean();
    }

    [Theory]
    [InlineData(0, "proxy.header.timedOut")]
    [InlineData(1, "client.header.invalidHeader")]
    [InlineData(2, "client.header.closed")]
    [InlineData(3, "client.header.reset")]
    public void Balancer_BadHeader_EndsBeforeAnyConnect(int kind, string reason)
    {
        PeerStep[] script = kind switch
        {
            0 => [PeerStep.SendRaw("PROXY TCP4 "u8.ToArray()), PeerStep.Pause(900_000)],
            1 => [PeerStep.SendRaw("HELO there"u8.ToArray()), PeerStep.AwaitEnd],
            2 => [PeerStep.SendRaw("PROXY "u8.ToArray()), PeerStep.HalfClose, PeerStep.AwaitEnd],
            _ => [PeerStep.SendRaw("PROXY "u8.ToArray()), PeerStep.Pause(50_000), PeerStep.Reset],
        };
        SessionRecord record = RunOne(script, h => h.AddUpstream(), out SessionHarness harness,
            d => d with { AcceptProxy = FromClients(8) });
        Assert.Equal(reason, record.Reason.ToString());
        Assert.Empty(harness.Clients[0].Tried);
        Assert.Equal((0, -1L), (record.Attempts.Total, record.ConnectUs));
        Assert.True(harness.Clients[0].Peer.End.IsBroken || harness.Clients[0].Peer.HasReset);
        harness.AssertClean();
    }

    [Fact]
    public void Balancer_NoBufferForAHeaderInPieces_NoBuffer()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start(d => d with { AcceptProxy = FromClients(8) });
        ClientRun client = harness.Connect([PeerStep.Pause(10_000), PeerStep.SendRaw("PROXY TCP4 "u8.ToArray()), PeerStep.AwaitEnd]);
        harness.World.RunFor(5);
        harness.World.RefusalProbability = 1;
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal("proxy.header.noBuffer", harness.RecordOf(client).Reason.ToString());
        harness.World.RefusalProbability = 0;
        harness.AssertClean();
    }

    [Fact]
    public void Guard_NotTrusted_IsResetAndNothingIsSpent()
    {
        SessionRecord record = RunOne(Talk, h => h.AddUpstream(), out SessionHarness harness,
            d => d with { AcceptProxy = FromClients(32) });
        Assert.Equal("proxy.guard.notTrusted", record.Reason.ToString());
        Assert.True(harness.Clients[0].Peer.End.IsBroken);
        Assert.Equal(1, harness.World.Registry.Read().AllServices().Refused);
        harness.AssertClean();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Guard_SessionsMax_RefusesTheOneTooMany(bool ofTheProcess)
    {
        SessionHarness harness = new(sessionsMax: ofTheProcess ? 2 : 0);
        harness.AddUpstream(script: _ => ([], false));
        harness.Start(d => d with { SessionsMax = ofTheProcess ? 0 : 2, IdleTimeout = TimeSpan.FromSeconds(1) });
        for (int i = 0; i < 3; i++) harness.Connect([PeerStep.Send(10)]);
        Assert.True(harness.RunToEnd(5_000, 3));
        Assert.Equal(
            ["proxy.relay.idle", "proxy.relay.idle", "proxy.guard.limitReached"],
            harness.Clients.Select(c => harness.RecordOf(c).Reason.ToString()));
        Assert.Equal(3, harness.Clients.Select(c => harness.RecordOf(c).Id).Distinct().Count());
        Assert.Equal((3, 3), (harness.RecordOf(harness.Clients[2]).ProcessSessions, harness.RecordOf(harness.Clients[2]).ServiceSessions));
        harness.AssertClean();
    }

    [Theory]
    [InlineData(nameof(EndPhase.Header), "operator.header.drained")]
    [InlineData(nameof(EndPhase.Connect), "operator.connect.drained")]
    [InlineData(nameof(EndPhase.Relay), "operator.relay.drained")]
    public void Operator_Drains_EverySessionIsReset(string phase, string reason)
    {
        SessionHarness harness = new();
        harness.AddUpstream(phase == nameof(EndPhase.Connect) ? ConnectBehavior.Silent : ConnectBehavior.Accept);
        harness.Start(d => d with { AcceptProxy = phase == nameof(EndPhase.Header) ? FromClients(8) : null });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        harness.World.RunFor(50);
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        Assert.True(harness.RunToEnd(100, 1));
        Assert.Equal(reason, harness.RecordOf(client).Reason.ToString());
        Assert.True(client.Peer.End.IsBroken);
        harness.AssertClean();
    }

    [Fact]
    public void Proxy_Defect_EndsThatSessionAndNoOther()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        ClientRun bad = harness.Connect([PeerStep.AwaitEnd]);
        ClientRun good = harness.Connect([PeerStep.Pause(100_000), .. Talk]);
        harness.World.RunFor(20);
        bool thrown = false;
        harness.World.Transport.Active = _ =>
        {
            if (thrown) return;
            thrown = true;
            throw new InvalidOperationException("a defect");
        };
        bad.Peer.End.Send("x"u8, hold: false);
        Assert.True(harness.RunToEnd(5_000, 2));
        Assert.Equal("proxy.relay.fault", harness.RecordOf(bad).Reason.ToString());
        Assert.Equal("client.relay.ended", harness.RecordOf(good).Reason.ToString());
        Assert.Equal(1, harness.World.Loop.Metrics.Counts.Faults);
        Assert.Equal((0, 0), (harness.World.Context.LiveCount, harness.World.Transport.OpenStreams));
    }

    private static SessionRecord RunOne(
        PeerStep[] client, Action<SessionHarness> upstreams, out SessionHarness harness,
        Func<ServiceDefinition, ServiceDefinition>? configure = null,
        long withinMs = 10_000)
    {
        harness = new SessionHarness();
        upstreams(harness);
        ServiceDefinition Shorten(ServiceDefinition d) =>
            d with { IdleTimeout = TimeSpan.FromSeconds(20), HalfCloseTimeout = TimeSpan.FromSeconds(5) };
        harness.Start(d => configure is null ? Shorten(d) : configure(Shorten(d)));
        ClientRun run = harness.Connect(client);
        Assert.True(harness.RunToEnd(withinMs, 1), "the session did not end");
        return harness.RecordOf(run);
    }

    private static PeerStep[] Parse(string script) =>
        [.. script.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(word => word switch
    {
        "send" => PeerStep.Send(5_000),
        "half" => PeerStep.HalfClose,
        "await" => PeerStep.AwaitEnd,
        "pause" => PeerStep.Pause(200_000),
        "reset" => PeerStep.Reset,
        "vanish" => PeerStep.Vanish,
        "echo" => PeerStep.Echo,
        _ => throw new ArgumentException(word),
    })];
}
