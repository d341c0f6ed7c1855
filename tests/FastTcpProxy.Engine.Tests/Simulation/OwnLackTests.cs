using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Attempts for which this machine lacked something, beside others, and UNIX sockets whose queue is full.</summary>
public sealed class OwnLackTests
{
    private static readonly PeerStep[] Talk = [PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd];

    /// <summary>The upstreams' behaviours, the reason, and how many were tried.</summary>
    [Theory]
    [InlineData("Refuse,NoLocalPort", "proxy.connect.noLocalPort", 2)]
    [InlineData("NoLocalPort,Refuse", "proxy.connect.noLocalPort", 2)]
    [InlineData("NoMemory,Unreachable,Refuse", "proxy.connect.noMemory", 3)]
    [InlineData("NoDescriptor,Accept,Accept", "proxy.connect.noDescriptor", 1)]
    [InlineData("Refuse,NoDescriptor,Accept", "proxy.connect.noDescriptor", 2)]
    [InlineData("NoLocalPort,Accept", "client.relay.ended", 2)]
    [InlineData("NoMemory,Accept", "client.relay.ended", 2)]
    public void Lack_BesideOthers_IsTheProxysAndNeverNoted(string behaviors, string reason, int tried)
    {
        SessionHarness harness = new();
        foreach (string behavior in behaviors.Split(',')) harness.AddUpstream(Enum.Parse<ConnectBehavior>(behavior));
        harness.Start();
        ClientRun client = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(10_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((reason, tried), (record.Reason.ToString(), record.Attempts.Total));
        for (int i = 0; i < harness.Hosts.Count; i++)
        {
            bool isNoted = i < tried && !harness.Hosts[i].Behavior.ToString().StartsWith("No", StringComparison.Ordinal);
            Assert.Equal(isNoted ? 1 : 0, harness.Service.Definition.Upstreams[i].Activity.LastAttempts().Length);
        }
        Assert.Empty(SessionInvariants.Check(harness));
        harness.AssertClean();
    }

    /// <summary>Neither side of a connection that was open is blamed for a wait that this machine could not begin.</summary>
    [Theory]
    [InlineData(false, "proxy.relay.noMemory")]
    [InlineData(true, "proxy.header.noMemory")]
    public void Lack_OfAConnectionThatWasOpen_IsTheProxys(bool expectsHeader, string reason)
    {
        SessionHarness harness = new(faults: new SimFaults { NoMemoryToWait = true });
        harness.AddUpstream();
        AcceptProxyDefinition accept = new() { From = new NetworkSet([IPNetwork.Parse("10.0.0.0/8")]) };
        harness.Start(d => d with { AcceptProxy = expectsHeader ? accept : null });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(1_000, 1));
        Assert.Equal((reason, true), (harness.RecordOf(client).Reason.ToString(), client.Peer.SawReset));
        harness.AssertClean();
    }

    [Fact]
    public void FullQueue_ForEver_NextServesAfterTheConnectTimeout()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.FullQueue);
        harness.AddUpstream();
        harness.Start();
        ClientRun client = harness.Connect(Talk);
        Assert.True(harness.RunToEnd(10_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal(("client.relay.ended", 2), (record.Reason.ToString(), record.Attempts.Total));
        Assert.Equal(AttemptOutcome.TimedOut, record.Attempts[0].Outcome);
        Assert.InRange(record.ConnectUs, 5_000_000, 5_040_000);
        // Five a second, and the first ones sooner: a timer and no loop.
        Assert.InRange(client.Tried.Count, 10, 40);
        Assert.Empty(SessionInvariants.Check(harness));
        harness.AssertClean();
    }

    [Fact]
    public void FullQueue_ForAMoment_IsOneAttemptThatSucceeds()
    {
        SessionHarness harness = new();
        SimHost host = harness.AddUpstream(ConnectBehavior.FullQueue);
        harness.Start();
        ClientRun client = harness.Connect(Talk);
        harness.World.RunFor(700);
        host.Behavior = ConnectBehavior.Accept;
        Assert.True(harness.RunToEnd(10_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal(("client.relay.ended", 1), (record.Reason.ToString(), record.Attempts.Total));
        Assert.InRange(record.ConnectUs, 700_000, 950_000);
        harness.AssertClean();
    }

    [Fact]
    public void FullQueue_TotalConnectTimeout_IsKept()
    {
        SessionHarness harness = new();
        for (int i = 0; i < 3; i++) harness.AddUpstream(ConnectBehavior.FullQueue);
        harness.Start(d => d with { ConnectTimeout = TimeSpan.FromSeconds(1), TotalConnectTimeout = TimeSpan.FromMilliseconds(1_500) });
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        Assert.True(harness.RunToEnd(5_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal(("upstream.connect.timedOut", 2), (record.Reason.ToString(), record.Attempts.Total));
        Assert.InRange(record.ConnectUs, 1_500_000, 1_540_000);
        harness.AssertClean();
    }

    [Theory]
    [InlineData(true, "client.connect.reset")]
    [InlineData(false, "client.connect.closed")]
    public void FullQueue_ClientLeaves_IsNoticedWithinASecond(bool resets, string reason)
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.FullQueue);
        harness.Start(d => d with { AbortOnClose = true });
        ClientRun client = harness.Connect([PeerStep.Pause(1_000_000), resets ? PeerStep.Reset : PeerStep.Close]);
        Assert.True(harness.RunToEnd(10_000, 1));
        SessionRecord record = harness.RecordOf(client);
        Assert.Equal((reason, 1), (record.Reason.ToString(), record.Attempts.Total));
        Assert.Equal(AttemptOutcome.Abandoned, record.Attempts[0].Outcome);
        Assert.InRange(record.TotalUs, 1_000_000, 2_000_000);
        harness.AssertClean();
    }
}
