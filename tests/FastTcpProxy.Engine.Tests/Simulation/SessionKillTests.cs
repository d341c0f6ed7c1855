using System.Net;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using static FastTcpProxy.Engine.Tests.Simulation.SessionQueries;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>How live sessions are ended by order.</summary>
public sealed class SessionKillTests
{
    /// <summary>Clients 0 to 3 are on u0, 4 to 7 on u1; client n comes from 10.1.0.n.</summary>
    [Theory]
    [InlineData(null, null, null, "0 1 2 3 4 5 6 7")]
    [InlineData("s", null, null, "0 1 2 3 4 5 6 7")]
    [InlineData("t", null, null, "")]
    [InlineData(null, "u0", null, "0 1 2 3")]
    [InlineData(null, "u2", null, "")]
    [InlineData(null, null, "10.1.0.2/31", "2 3")]
    [InlineData(null, null, "10.1.0.5/32", "5")]
    [InlineData(null, null, "::/0", "")]
    [InlineData("s", "u1", "10.1.0.0/29", "4 5 6 7")]
    [InlineData("s", "u1", "10.1.0.0/30", "")]
    [InlineData("t", "u1", "10.1.0.0/29", "")]
    public void Kill_Filter_EndsThoseForWhichAllHolds(string? service, string? upstream, string? client, string expected)
    {
        SessionHarness harness = Two();
        for (int i = 0; i < 4; i++) harness.Connect(Stay);
        harness.World.RunFor(50);
        ServiceDefinition whole = harness.Service.Definition;
        harness.Service.Publish(whole with { Upstreams = [whole.Upstreams[1], whole.Upstreams[0]] });
        for (int i = 0; i < 4; i++) harness.Connect(Stay);
        harness.World.RunFor(50);

        int ended = Kill(harness, new SessionFilter(service, upstream, client is null ? null : IPNetwork.Parse(client)));
        harness.World.RunFor(50);

        ClientRun[] killed = [.. harness.Clients.Where(c => c.Peer.SawReset)];
        Assert.Equal(expected, string.Join(' ', killed.Select(c => c.Id)));
        Assert.Equal(killed.Length, ended);
        Assert.All(killed, c => Assert.Equal("operator.relay.killed", harness.RecordOf(c).Reason.ToString()));
        int[] left = [4 - killed.Count(c => c.Id < 4), 4 - killed.Count(c => c.Id >= 4)];
        Assert.Equal(left, whole.Upstreams.Select(u => u.Activity.Sessions));
        End(harness, 8);
    }

    /// <summary>More are looked at than in one turn, so that it takes some turns to come to the one.</summary>
    [Fact]
    public void Kill_TheOldestOfMany_OthersGoOnMeanwhile()
    {
        const int Sessions = 3 * SessionWalk.VisitsPerTurn;
        SessionHarness harness = Two();
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(50);
        int asked = 0, ended = -1;
        harness.World.InLoop(() => new SessionSweep(
            harness.World.Context, session => ++asked > 0 && session.ClientEnd.Equals(SessionHarness.AddressOf(0)), EndParty.Operator,
            EndCause.Killed, count => ended = count).Run());
        Assert.Equal((SessionWalk.VisitsPerTurn, -1), (asked, ended));
        harness.World.RunUntil(() => ended >= 0, 100);
        Assert.Equal((Sessions, 1, 0), (asked, ended, harness.World.Context.Walks.Count));
        End(harness, Sessions);
    }

    [Fact]
    public void Kill_OneNumber_EndsThatSession()
    {
        SessionHarness harness = Two();
        for (int i = 0; i < 3; i++) harness.Connect(Stay);
        harness.World.RunFor(50);
        long id = List(harness, SessionFilter.All)[1].Id;

        Assert.Equal(1, Kill(harness, new SessionFilter(Id: id)));
        Assert.Equal(0, Kill(harness, new SessionFilter(Id: id)));
        harness.World.RunFor(50);

        Assert.Equal([false, true, false], harness.Clients.Select(c => c.Peer.SawReset));
        End(harness, 3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SessionSweep.PerTurn)]
    [InlineData(SessionSweep.PerTurn + 1)]
    public void Kill_AnyNumber_SaysHowManyWhenAllAreEnded(int sessions)
    {
        SessionHarness harness = Two();
        for (int i = 0; i < sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(50);
        int? ended = null;
        harness.World.InLoop(() => new SessionSweep(harness.World.Context, _ => true, EndParty.Operator, EndCause.Killed, count =>
        {
            Assert.Equal(0, harness.World.Context.LiveCount);
            ended = count;
        }).Run());
        harness.World.RunUntil(() => ended is not null, 100);
        Assert.Equal(sessions, ended);
        harness.RunToEnd(100, sessions);
        harness.AssertClean();
    }

    [Fact]
    public void Kill_ADefectInTheMiddle_TheRestIsEndedAndItIsSaid()
    {
        SessionHarness harness = Two();
        for (int i = 0; i < 3; i++) harness.Connect(Stay);
        harness.World.RunFor(50);
        int asked = 0, said = 0;
        harness.World.InLoop(() => harness.World.Loop.Dispatch(new SessionSweep(
            harness.World.Context,
            _ => ++asked == 2 ? throw new InvalidOperationException("a defect") : true,
            EndParty.Operator, EndCause.Killed, count => said = count)));
        harness.World.RunUntil(() => said > 0, 100);
        Assert.Equal((2, 1, 1L), (said, harness.World.Context.LiveCount, harness.World.Loop.Metrics.Counts.Faults));
    }
}
