using System.Collections.Immutable;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Testing.Simulation;
using static FastTcpProxy.Engine.Tests.Simulation.SessionQueries;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>What can be asked of live sessions.</summary>
public sealed class SessionQueryTests
{
    [Fact]
    public void List_SessionThatRelays_SaysAllOfIt()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Refuse);
        harness.AddUpstream(script: _ => ([PeerStep.Send(70), PeerStep.AwaitEnd], false));
        harness.Start();
        DateTimeOffset started = harness.World.Clock.GetUtcNow();
        ClientRun client = harness.Connect(Stay);
        harness.World.RunFor(3_000);

        SessionView view = Assert.Single(List(harness, SessionFilter.All));

        Assert.Equal(("s", "10.0.0.1:25", "u1", "10.9.0.1:1001"), (view.Service, view.Listener, view.Upstream, view.UpstreamAddress!.Text));
        Assert.Equal((client.Address, client.Address, SessionState.Relaying), (view.Peer, view.Client, view.State));
        Assert.Equal((10, 70), (view.BytesFromClient, view.BytesFromUpstream));
        Assert.InRange(view.StartedAt - started, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.InRange(view.IdleMs, 2_900, 3_000);
        End(harness, 1);
        Assert.Equal(view.Id, harness.RecordOf(client).Id);
    }

    [Fact]
    public void List_SessionThatConnects_NamesTheUpstreamThatIsTried()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Refuse);
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.Start();
        harness.Connect(Stay);
        harness.World.RunFor(700);

        SessionView view = Assert.Single(List(harness, new SessionFilter(Upstream: "u1")));

        Assert.Equal((SessionState.Connecting, "u1", 0L, 0L), (view.State, view.Upstream, view.BytesFromClient, view.BytesFromUpstream));
        Assert.InRange(view.IdleMs, 699, 700);
        Assert.Empty(List(harness, new SessionFilter(Upstream: "u0")));
        End(harness, 1);
    }

    [Fact]
    public void List_SessionThatReadsAHeader_HasNoUpstream()
    {
        SessionHarness harness = Two();
        harness.Listener.Service = WithHeader(harness);
        harness.Connect([PeerStep.AwaitEnd]);
        harness.World.RunFor(50);

        SessionView view = Assert.Single(List(harness, SessionFilter.All));

        Assert.Equal((SessionState.ReadingHeader, null, null), (view.State, view.Upstream, view.UpstreamAddress));
        End(harness, 1);
    }

    [Fact]
    public void List_AfterAnotherUse_ShowsNothingOfTheSessionBefore()
    {
        SessionHarness harness = Two();
        ClientRun first = harness.Connect(Stay);
        harness.World.RunFor(50);
        long firstId = Assert.Single(List(harness, SessionFilter.All)).Id;
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        harness.Listener.Service = WithHeader(harness);
        harness.Connect([PeerStep.AwaitEnd]);
        harness.World.RunFor(50);

        SessionView view = Assert.Single(List(harness, SessionFilter.All));

        Assert.True(view.Id > firstId, "a number was used twice");
        Assert.Equal((0L, 0L), (view.BytesFromClient, view.BytesFromUpstream));
        Assert.NotEqual(first.Address, view.Peer);
        End(harness, 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(SessionListing.PerTurn)]
    [InlineData(SessionListing.PerTurn + 1)]
    [InlineData(3 * SessionListing.PerTurn + 5)]
    public void List_MoreThanAreWanted_GivesTheLatest(int max)
    {
        const int Sessions = 3 * SessionListing.PerTurn + 5;
        SessionHarness harness = Two();
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(50);

        List<SessionView> views = List(harness, SessionFilter.All, max);

        Assert.Equal(Enumerable.Range(0, max).Select(i => SessionHarness.AddressOf(Sessions - 1 - i)), views.Select(v => v.Peer));
        Assert.Equal(max, views.Select(v => v.Id).Distinct().Count());
        Assert.Empty(harness.World.Context.Walks);
        End(harness, Sessions);
    }

    [Fact]
    public void List_SessionsEndBetweenTwoTurns_AreLeftOut()
    {
        const int Sessions = 2 * SessionListing.PerTurn;
        SessionHarness harness = Two();
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(50);
        List<SessionView>? views = null;
        harness.World.InLoop(() =>
        {
            new SessionListing(harness.World.Context, SessionFilter.All.ToPredicate(), Sessions, found => views = found).Run();
            // The oldest ones, which come last.
            foreach (Session session in SessionHarness.LiveOf(harness.World.Context).Skip(SessionListing.PerTurn))
                session.EndByForce(EndParty.Operator, EndCause.Drained);
        });
        harness.World.RunUntil(() => views is not null, 100);

        Assert.Equal(SessionListing.PerTurn, views!.Count);
        End(harness, Sessions);
    }

    /// <summary>Whatever ends or begins between two steps: each session that was there and still is comes once, and no other.</summary>
    [Fact]
    public void Walk_SessionsComeAndGo_SeesThoseThatStay()
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            SessionHarness harness = Two();
            Random random = new(seed);
            for (int i = 0; i < 20; i++) harness.Connect(Stay);
            harness.World.RunFor(50);
            LoopContext context = harness.World.Context;
            HashSet<long> there = [.. SessionHarness.LiveOf(context).Select(s => s.Id)];
            List<long> seen = [];
            SessionWalk[] walks = [new(context), new(context)];
            while (walks[0].Next() is { } session)
            {
                seen.Add(session.Id);
                Assert.Contains(session.Id, there);
                if (random.Next(3) == 0) walks[1].Next();
                Session[] live = [.. SessionHarness.LiveOf(context)];
                foreach (Session ends in live.Where(_ => random.Next(8) == 0))
                {
                    // What has ended before its turn must not come.
                    there.Remove(ends.Id);
                    harness.World.InLoop(() => ends.EndByForce(EndParty.Operator, EndCause.Drained));
                }
                if (random.Next(2) != 0) continue;
                harness.Connect(Stay);
                harness.World.RunFor(1);
            }
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Empty(there.Except(seen));
            while (walks[1].Next() is { } other) Assert.NotEqual(SessionState.Idle, other.State);
            Assert.Empty(context.Walks);
            End(harness, harness.Clients.Count);
        }
    }

    [Fact]
    public void Activity_OfEachUpstream_CountsWhatIsProxiedAndRemembersAttempts()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Refuse);
        harness.AddUpstream(script: _ => ([], false));
        harness.Start();
        harness.World.RunFor(1_000);
        for (int i = 0; i < 2; i++) harness.Connect(Stay);
        harness.World.RunFor(50);

        ImmutableArray<Upstreams.UpstreamDefinition> upstreams = harness.Service.Definition.Upstreams;
        Assert.Equal([0, 2], upstreams.Select(u => u.Activity.Sessions));
        Assert.Equal([AttemptOutcome.Refused, AttemptOutcome.Refused], upstreams[0].Activity.LastAttempts().Select(a => a.Outcome));
        Assert.Equal([AttemptOutcome.Connected, AttemptOutcome.Connected], upstreams[1].Activity.LastAttempts().Select(a => a.Outcome));
        DateTimeOffset at = upstreams[1].Activity.LastAttempts()[0].At;
        Assert.InRange(at, harness.World.Clock.Epoch.AddMilliseconds(980), harness.World.Clock.Epoch.AddMilliseconds(1_050));
        End(harness, 2);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void SessionsMax_ChangedWhileItRuns_HoldsForTheNextClient(int max, bool served)
    {
        SessionHarness harness = Two();
        harness.Connect(Stay);
        harness.World.RunFor(50);
        harness.World.Limits.SessionsMax = max;
        ClientRun next = harness.Connect(Stay);
        harness.World.RunFor(50);
        Assert.Equal(!served, next.Peer.SawReset);
        Assert.Equal(served ? 2 : 1, harness.World.Context.LiveCount);
        End(harness, 2);
    }
}
