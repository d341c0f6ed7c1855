using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// The process is stopped for a while and continues, or its socket threads get no processor while the ticker does: each deadline in turn.
/// What came meanwhile lies in the kernel, and the ticks come first.
/// </summary>
public sealed class PauseTests
{
    private const int PauseMs = 10_000;

    /// <summary>Ticks come before what the kernel has to tell.</summary>
    private const int ToldAfterMs = 3 * FastTcpProxy.Engine.Loop.TimerWheel.TickMs;

    private static readonly byte[] Header = "PROXY TCP4 192.0.2.1 198.51.100.1 1000 2000\r\n"u8.ToArray();

    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];

    [Fact]
    public void Header_ArrivesInAPause_IsRead()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start(WithHeader);
        ClientRun client = harness.Connect([PeerStep.Pause(150_000), PeerStep.SendRaw(Header), .. Talk]);
        harness.World.RunFor(100);
        harness.World.Pause(PauseMs, ToldAfterMs);
        AssertEnds(harness, client, "client.relay.ended");
    }

    [Fact]
    public void Header_ArrivesInPiecesAcrossPauses_IsRead()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start(WithHeader);
        ClientRun client = harness.Connect([PeerStep.SendRaw(Header[..10]), PeerStep.Pause(5_000_000), PeerStep.SendRaw(Header[10..20]),
            PeerStep.Pause(10_000_000), PeerStep.SendRaw(Header[20..]), .. Talk]);
        harness.World.RunFor(50);
        harness.World.Pause(PauseMs, ToldAfterMs);
        harness.World.RunFor(PauseMs + 100);
        harness.World.Pause(PauseMs, ToldAfterMs);
        AssertEnds(harness, client, "client.relay.ended");
    }

    [Fact]
    public void Header_NothingArrives_HasTheTimeThatTheProcessHad()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start(WithHeader);
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        harness.World.RunFor(100);
        harness.World.Pause(PauseMs, ToldAfterMs);
        AssertEnds(harness, client, "proxy.header.timedOut");
        // A gap counts up to its bound, and not more.
        Assert.InRange(harness.RecordOf(client).TotalUs, (PauseMs + 100) * 1000L, (PauseMs + 500) * 1000L);
    }

    /// <summary>One byte just before each deadline gains one grace, and no more.</summary>
    [Fact]
    public void Header_Dripping_EndsAllTheSame()
    {
        SessionHarness harness = new(faults: new SimFaults { CompletionDelayMaxUs = 80_000 });
        harness.AddUpstream();
        harness.Start(WithHeader);
        ClientRun client =
            harness.Connect([.. Header[..40].SelectMany(b => new[] { PeerStep.SendRaw([b]), PeerStep.Pause(50_000) }), PeerStep.AwaitEnd]);
        AssertEnds(harness, client, "proxy.header.timedOut");
        Assert.InRange(harness.RecordOf(client).TotalUs, 500_000, (500 + Session.GraceMs + 100) * 1000L);
    }

    [Theory]
    [InlineData(false, "client.relay.ended")]
    [InlineData(true, "upstream.relay.ended")]
    public void Relay_BusyInAPause_IsNotSilent(bool halfClosed, string reason)
    {
        SessionHarness harness = new();
        PeerStep[] drip = [.. Enumerable.Range(0, 12).SelectMany(_ => new[] { PeerStep.Send(10), PeerStep.Pause(1_000_000) }),
            PeerStep.HalfClose];
        harness.AddUpstream(script: _ => (halfClosed ? drip : [PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromSeconds(2), HalfCloseTimeout = TimeSpan.FromSeconds(2) });
        ClientRun client = harness.Connect(halfClosed ? [PeerStep.HalfClose, PeerStep.AwaitEnd] : [.. drip, PeerStep.AwaitEnd]);
        harness.World.RunFor(1_500);
        harness.World.Pause(PauseMs, ToldAfterMs);
        Assert.True(harness.RunToEnd(60_000, 1));
        Assert.EndsWith("relay.ended", harness.RecordOf(client).Reason.ToString());
        Assert.Equal(120, halfClosed ? client.Peer.ReceivedBytes : Assert.Single(client.Upstreams).Payload);
        Assert.Equal(halfClosed ? "client.relay.ended" : reason, harness.RecordOf(client).Reason.ToString());
        harness.AssertClean();
    }

    [Fact]
    public void Relay_SilentInAPause_HasTheTimeThatTheProcessHad()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromSeconds(2) });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        harness.World.RunFor(1_500);
        harness.World.Pause(PauseMs, ToldAfterMs);
        AssertEnds(harness, client, "proxy.relay.idle");
        Assert.InRange(harness.RecordOf(client).TotalUs, (PauseMs + 1_700) * 1000L, (PauseMs + 2_100) * 1000L);
    }

    /// <summary>A reader that has taken in the pause what was sent to it long before.</summary>
    [Fact]
    public void Relay_ReaderTakesInAPause_IsNotSilent()
    {
        SessionHarness harness = new();
        harness.AddUpstream(capacity: 1 << 20, script: _ => ([PeerStep.Send(60_000), PeerStep.AwaitEnd, PeerStep.HalfClose], false));
        harness.Start(d => d with { IdleTimeout = TimeSpan.FromSeconds(2) });
        ClientRun client = harness.Connect([PeerStep.Pause(4_000_000), PeerStep.HalfClose, PeerStep.AwaitEnd], capacity: 16 << 10,
            reads: false);
        harness.World.RunFor(1_900);
        harness.World.Pause(PauseMs, ToldAfterMs);
        Assert.True(harness.RunToEnd(60_000, 1));
        Assert.Equal(("client.relay.ended", 60_000L), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connect_AcceptedInAPause_IsProxied(bool total)
    {
        SessionHarness harness = new();
        harness.AddUpstream(delayUs: 1_000_000);
        harness.AddUpstream();
        harness.Start(d => d with
        {
            ConnectTimeout = TimeSpan.FromSeconds(total ? 30 : 2),
            TotalConnectTimeout = total ? TimeSpan.FromSeconds(2) : null,
        });
        ClientRun client = harness.Connect(Talk);
        harness.World.RunFor(300);
        harness.World.Pause(PauseMs, ToldAfterMs);
        AssertEnds(harness, client, "client.relay.ended");
        Assert.Equal(0, harness.RecordOf(client).UpstreamIndex);
    }

    [Fact]
    public void Connect_RefusedInAPause_GoesOnDownTheListForThatReason()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Refuse, delayUs: 1_000_000);
        harness.AddUpstream();
        harness.Start(d => d with { ConnectTimeout = TimeSpan.FromSeconds(2) });
        ClientRun client = harness.Connect(Talk);
        harness.World.RunFor(300);
        harness.World.Pause(PauseMs, ToldAfterMs);
        AssertEnds(harness, client, "client.relay.ended");
        Assert.Equal(AttemptOutcome.Refused, harness.RecordOf(client).Attempts[0].Outcome);
    }

    /// <summary>The whole time is over when the refusal is heard: no one else is asked.</summary>
    [Fact]
    public void Connect_RefusedAtTheEndOfTheWholeTime_AsksNobodyElse()
    {
        SessionHarness harness = new(faults: new SimFaults { CompletionDelayMaxUs = 900_000 });
        harness.AddUpstream(ConnectBehavior.Refuse, delayUs: 500_000);
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.Start(d => d with { TotalConnectTimeout = TimeSpan.FromMilliseconds(502) });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        AssertEnds(harness, client, "upstream.connect.refused");
        Assert.Equal(1, harness.RecordOf(client).Attempts.Total);
    }

    /// <summary>The same of the elder of two attempts.</summary>
    [Fact]
    public void Connect_ElderRefusedAtTheEndOfTheWholeTime_AsksNobodyElse()
    {
        SessionHarness harness = new(faults: new SimFaults { CompletionDelayMaxUs = 900_000 });
        harness.AddUpstream(ConnectBehavior.Refuse, delayUs: 500_000);
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.Start(d => d with
        {
            // One: the elder gives way to no third.
            Hedge = new HedgePolicy { Delay = TimeSpan.FromMilliseconds(50), Percent = 0, PerSecond = 0, Burst = 1 },
            TotalConnectTimeout = TimeSpan.FromMilliseconds(502),
        });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(60_000, 1));
        Assert.Equal(2, harness.RecordOf(client).Attempts.Total);
        harness.AssertClean();
    }

    /// <summary>The survivor of a broken session has what it was sent when it took it in a pause.</summary>
    [Fact]
    public void Flush_SurvivorTakesInAPause_GetsAll()
    {
        SessionHarness harness = new(faults: new SimFaults { ResetDropsBytes = 0 });
        harness.AddUpstream(capacity: 8192, script: _ => ([PeerStep.Send(5_000), PeerStep.Close], false));
        harness.Start();
        ClientRun client = harness.Connect(
            [PeerStep.Pause(100_000), PeerStep.Send(10), PeerStep.Pause(20_000), PeerStep.Send(10), PeerStep.Pause(1_500_000),
                PeerStep.AwaitEnd], capacity: 512, reads: false);
        harness.World.RunFor(200);
        harness.World.Pause(PauseMs, ToldAfterMs);
        Assert.True(harness.RunToEnd(60_000, 1));
        Assert.Equal(("upstream.relay.reset", 5_000L), (harness.RecordOf(client).Reason.ToString(), client.Peer.ReceivedBytes));
        harness.AssertClean();
    }

    /// <summary>No pause of the process: the ticks are on time, and only what the kernel has to tell is late.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Deadlines_SocketThreadIsLate_EndNobodyWhoWasInTime(int seed)
    {
        SessionHarness harness = new(seed, new SimFaults { CompletionDelayMaxUs = 900_000, LateCompletion = 1 });
        harness.AddUpstream(delayUs: 400_000, script: _ => ([PeerStep.Echo, PeerStep.HalfClose], true));
        harness.Start(d => WithHeader(d) with
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(500), IdleTimeout = TimeSpan.FromSeconds(1),
            HalfCloseTimeout = TimeSpan.FromSeconds(1),
        });
        for (int i = 0; i < 20; i++) harness.Connect([PeerStep.Pause(400_000), PeerStep.SendRaw(Header), .. Talk]);
        Assert.True(harness.RunToEnd(60_000, 20));
        Assert.All(harness.Clients, client => Assert.Equal("client.relay.ended", harness.RecordOf(client).Reason.ToString()));
        harness.AssertClean();
    }

    private static ServiceDefinition WithHeader(ServiceDefinition definition) => definition with
    {
        AcceptProxy = new AcceptProxyDefinition
        {
            From = new NetworkSet([IPNetwork.Parse("10.0.0.0/8")]), Timeout = TimeSpan.FromMilliseconds(500),
        },
    };

    private static void AssertEnds(SessionHarness harness, ClientRun client, string reason)
    {
        Assert.True(harness.RunToEnd(60_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal(reason, record.Reason.ToString());
        harness.AssertClean();
    }
}
