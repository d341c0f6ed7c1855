using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>A defect at each step of a session's life: what was held and counted is given back, and the others continue.</summary>
public sealed class SessionDefectTests
{
    private const int Clients = 6;

    /// <summary>The step that throws, which time it does, and whether a balancer stands before the proxy.</summary>
    [Theory]
    [InlineData("adopt", 1, false)]
    [InlineData("adopt", 3, true)]
    [InlineData("rent", 1, false)]
    [InlineData("rent", 2, false)]
    [InlineData("rent", 2, true)]
    [InlineData("close", 1, false)]
    [InlineData("close", 2, false)]
    [InlineData("close", 3, false)]
    [InlineData("close", 4, true)]
    [InlineData("buffer", 1, true)]
    [InlineData("buffer", 2, true)]
    public void Step_Throws_NothingStaysHeldAndTheOthersAreServed(string step, int time, bool header)
    {
        SessionHarness harness = Start(header);
        int calls = 0;
        void Throw(string now)
        {
            if (now == step && ++calls == time) throw new InvalidOperationException($"a defect at {step}");
        }
        harness.World.Transport.Defect = Throw;
        harness.World.Buffers.Defect = Throw;
        for (int i = 0; i < Clients; i++)
            harness.Connect([.. header ? Announce(i) : [], PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);

        Assert.True(harness.RunToEnd(5_000, Clients), $"{harness.World.FindHeld()} {harness.World.Loop.Metrics.LastFault}");
        Assert.True(harness.World.Loop.Metrics.Counts.Faults == 1,
            $"{harness.World.Loop.Metrics.Counts.Faults} {harness.World.Loop.Metrics.LastFault}");
        Assert.Null(harness.World.FindHeld());
        Assert.Null(harness.FindCounted());
        Assert.Empty(harness.Failures);
        Assert.True(harness.Clients.Count(c => harness.RecordOf(c).Reason.IsSuccess) >= Clients - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Refusal_Throws_CountsAreBack(int time)
    {
        SessionHarness harness = Start(header: false, d => d with { SessionsMax = 1 });
        int calls = 0;
        harness.World.Transport.Defect = now =>
        {
            if (now == "refuse" && ++calls == time) throw new InvalidOperationException("a defect");
        };
        for (int i = 0; i < Clients; i++) harness.Connect([PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);

        Assert.True(harness.RunToEnd(5_000, Clients), $"{harness.World.FindHeld()} {harness.World.Loop.Metrics.LastFault}");
        Assert.Equal(1, harness.World.Loop.Metrics.Counts.Faults);
        Assert.Null(harness.World.FindHeld());
        Assert.Null(harness.FindCounted());
    }

    [Fact]
    public void All_EndedByForceWhileEachCloseThrows_NothingStaysHeld()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([PeerStep.Send(1 << 20), PeerStep.AwaitEnd], false));
        harness.Start();
        for (int i = 0; i < Clients; i++) harness.Connect([PeerStep.Pause(60_000_000)], reads: false);
        harness.World.RunFor(500);
        Assert.Equal(Clients, harness.World.Context.LiveCount);
        harness.World.Transport.Defect = now =>
        {
            if (now == "close") throw new InvalidOperationException("a defect");
        };
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));

        Assert.True(harness.World.RunUntil(() => harness.World.FindHeld() is null, 2_000), harness.World.FindHeld());
        Assert.Null(harness.FindCounted());
        Assert.Equal(2 * Clients, harness.World.Loop.Metrics.Counts.Faults);
    }

    /// <summary>The first attempt of one client is watched, and that of the other is given up: closing it fails.</summary>
    [Fact]
    public void SecondAttempt_CloseOfTheFirstThrows_TheClientIsServed()
    {
        SessionHarness harness = StartHedged();
        int calls = 0;
        harness.World.Transport.Defect = now =>
        {
            if (now == "close" && ++calls == 1) throw new InvalidOperationException("a defect");
        };
        for (int i = 0; i < 2; i++) harness.Connect([PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);

        Assert.True(harness.RunToEnd(8_000, 2), harness.World.FindHeld());
        Assert.All(harness.Clients, c => Assert.True(harness.RecordOf(c).Reason.IsSuccess));
        Assert.Equal(1, harness.World.Loop.Metrics.Counts.Faults);
    }

    [Fact]
    public void Observer_CloseThrows_ItsPlaceIsFreeAgain()
    {
        SessionHarness harness = StartHedged();
        harness.Connect([PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        Assert.True(harness.World.RunUntil(() => harness.Collect() == 1, 1_000));
        Assert.Equal(1, harness.World.Context.Observers.Count);
        harness.World.Transport.Defect = now =>
        {
            if (now == "close") throw new InvalidOperationException("a defect");
        };

        Assert.True(harness.World.RunUntil(() => harness.World.FindHeld() is null, 6_000), harness.World.FindHeld());
        Assert.Equal(1, harness.World.Loop.Metrics.Counts.Faults);
        Assert.True(harness.Hosts[0].Address.TryObserve());
    }

    [Fact]
    public void BufferIsBack_FirstThatWaitedThrows_TheOthersGoOn()
    {
        SessionHarness harness = new(refusals: 1);
        harness.AddUpstream();
        harness.Start();
        for (int i = 0; i < Clients; i++) harness.Connect([PeerStep.Send(1000), PeerStep.HalfClose, PeerStep.AwaitEnd]);
        harness.World.RunFor(500);
        Assert.Equal(Clients, harness.World.Context.LiveCount);
        Action<IStreamOwner> note = harness.World.Transport.Active!;
        bool thrown = false;
        harness.World.Transport.Active = owner =>
        {
            note(owner);
            if (thrown) return;
            thrown = true;
            throw new InvalidOperationException("a defect");
        };
        harness.World.RefusalProbability = 0;

        Assert.True(harness.RunToEnd(5_000, Clients), $"{harness.World.FindHeld()} {harness.World.Loop.Metrics.LastFault}");
        Assert.Equal((1L, 1),
            (harness.World.Loop.Metrics.Counts.Faults, harness.Clients.Count(c => harness.RecordOf(c).Reason.Cause == EndCause.Fault)));
        Assert.Null(harness.World.FindHeld());
        Assert.Null(harness.FindCounted());
    }

    private static SessionHarness StartHedged()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream();
        harness.Start(d => d with { Hedge = HedgePolicy.Default });
        return harness;
    }

    private static SessionHarness Start(bool header, Func<ServiceDefinition, ServiceDefinition>? configure = null)
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Refuse);
        harness.AddUpstream(mode: header ? HeaderMode.Raw : HeaderMode.ProxyV2);
        AcceptProxyDefinition accept = new()
        {
            From = new NetworkSet([IPNetwork.Parse("0.0.0.0/0")]), Timeout = TimeSpan.FromSeconds(3), PassTlvs = [0xE0],
        };
        harness.Start(d => (configure ?? (c => c))(header ? d with { AcceptProxy = accept } : d));
        return harness;
    }

    /// <summary>A balancer's header with a TLV, in two pieces.</summary>
    private static PeerStep[] Announce(int id)
    {
        byte[] room = new byte[256];
        byte[] tlvs = [0xE0, 0, 3, 1, 2, 3];
        Assert.True(ProxyHeaderEncoder.TryWriteV2(room, InetEndPoint.FromIPv4(0xC0000200 + (uint)id, 4000),
            InetEndPoint.FromIPv4(0xC6336401, 443), tlvs, out int length));
        return [PeerStep.SendRaw(room[..20]), PeerStep.Pause(10_000), PeerStep.SendRaw(room[20..length])];
    }
}
