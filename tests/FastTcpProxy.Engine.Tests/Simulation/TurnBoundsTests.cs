using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Simulation;
using static FastTcpProxy.Engine.Tests.Simulation.SessionQueries;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>What concerns many sessions at once is done in several turns, so that the others continue in between.</summary>
public sealed class TurnBoundsTests
{
    [Fact]
    public void EndAll_ManySessions_EndsAFewInEachTurn()
    {
        SessionHarness harness = Two();
        const int Sessions = 4 * SessionSweep.PerTurn;
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(100);
        int told = -1;
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained, count => told = count));
        Assert.Equal((Sessions - SessionSweep.PerTurn, -1), (harness.World.Context.LiveCount, told));
        Assert.True(harness.RunToEnd(100, Sessions));
        Assert.Equal(Sessions, told);
        harness.AssertClean();
    }

    /// <summary>A session that is answered while others are being ended leaves its first attempt to be watched.</summary>
    [Fact]
    public void EndAll_WhileSecondAttemptsAreAnswered_EndsWhatIsWatched()
    {
        SessionHarness harness = new();
        harness.AddUpstream(ConnectBehavior.Silent);
        harness.AddUpstream(delayUs: 100_000);
        const int Sessions = 4 * SessionSweep.PerTurn;
        harness.Start(d => d with { Hedge = new HedgePolicy { Delay = TimeSpan.FromMilliseconds(50), Burst = Sessions } });
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        LoopContext context = harness.World.Context;
        Assert.True(harness.World.RunUntil(() => context.Observers.Count > 0, 1_000));
        int watched = -1;
        harness.World.InLoop(() => context.EndAll(EndParty.Operator, EndCause.Drained, _ => watched = context.Observers.Count));
        Assert.True(harness.RunToEnd(100, Sessions));
        Assert.Equal(0, watched);
        harness.AssertClean();
    }

    [Fact]
    public void Timers_ManySessionsIdleAtOnce_EndAFewInEachTurn()
    {
        SessionHarness harness = Two();
        const int Sessions = 400;
        for (int i = 0; i < Sessions; i++) harness.Connect(Stay);
        harness.World.RunFor(100);
        Assert.Equal(Sessions, harness.World.Context.LiveCount);
        int before = harness.World.Context.LiveCount;
        int largest = 0;
        Assert.True(harness.World.RunUntil(Step, 700_000));
        Assert.InRange(largest, 1, TimerWheel.VisitsPerTurn / TimerWheel.VisitsPerFired);
        Assert.True(harness.RunToEnd(100, Sessions));
        Assert.All(harness.Clients, client => Assert.Equal("proxy.relay.idle", harness.RecordOf(client).Reason.ToString()));
        harness.AssertClean();

        // Asked after each event of the simulation, of which each is a turn.
        bool Step()
        {
            largest = Math.Max(largest, before - harness.World.Context.LiveCount);
            before = harness.World.Context.LiveCount;
            return before == 0;
        }
    }
}
