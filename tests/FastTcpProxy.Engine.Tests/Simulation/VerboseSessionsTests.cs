using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>More sessions at once than may tell their steps: the others are served too, and counted.</summary>
public sealed class VerboseSessionsTests
{
    private const int Sessions = 10_000;

    [Fact]
    public void TenThousandAtOnce_ABoundedFewTellTheirSteps_AndAllAreServed()
    {
        SessionHarness harness = new();
        harness.AddUpstream();
        harness.Start();
        StepTracing tracing = harness.World.Context.Steps;
        tracing.Publish([new StepRule("s", null)]);
        for (int i = 0; i < Sessions; i++) harness.Connect(SessionQueries.Stay);
        harness.World.RunFor(100);

        Assert.Equal(Sessions, harness.Service.Sessions.Current);
        Assert.Equal(StepTracing.SessionsMax, tracing.Sessions);
        Assert.Equal(Sessions - StepTracing.SessionsMax, tracing.SessionsLeftOut);
        StepRing ring = Assert.Single(tracing.Rings);
        HashSet<long> told = [];
        int steps = 0;
        for (; ring.TryRead(out SessionStep step); steps++) told.Add(step.Id);
        // The ring was not read meanwhile.
        Assert.Equal(StepRing.Capacity, steps);
        Assert.True(ring.Dropped > 0, "more steps than the ring holds");
        Assert.InRange(told.Count, 1, StepTracing.SessionsMax);
    }
}
