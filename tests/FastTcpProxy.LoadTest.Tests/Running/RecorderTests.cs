using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Tests.Running;

public sealed class RecorderTests
{
    private readonly Recorder _recorder = new();

    [Fact]
    public void Count_StepsOfTwoPhases_AreInThatOfTheirIntendedStart()
    {
        _recorder.Begin();
        _recorder.Phase("one");
        TimeSpan before = _recorder.Elapsed;
        SpinWait.SpinUntil(() => _recorder.Elapsed > before + TimeSpan.FromMilliseconds(60));
        _recorder.Phase("two");

        // Both end now, in the second phase.
        _recorder.Count(before, new StepResult(Fate.Served, 10));
        _recorder.Count(_recorder.Elapsed, new StepResult(Fate.Hung));

        var phases = _recorder.Results().Phases;
        Assert.Equal(["one", "two", "all"], phases.Select(p => p.Phase));
        Assert.Equal([1L, 1, 2], phases.Select(p => p.Count));
        Assert.Equal([0L, 1, 1], phases.Select(p => p.Errors));
        Assert.Equal(10, phases[2].Bytes);
        Assert.Equal(1, phases[1].Fates["hung"]);
        // From the intended start, though the phase in which it ended had just begun.
        Assert.InRange(phases[0].P50Ms!.Value, 59, 5_000);
    }

    [Fact]
    public void Count_SlowSteps_TellHowLongThePhaseTookToRecover()
    {
        Tally tally = new(TimeSpan.FromSeconds(10));

        tally.Count(TimeSpan.FromSeconds(10.5), TimeSpan.FromSeconds(5), new StepResult(Fate.FailedOver));
        tally.Count(TimeSpan.FromSeconds(11.25), TimeSpan.FromMilliseconds(1), new StepResult(Fate.Reset));
        tally.Count(TimeSpan.FromSeconds(12), TimeSpan.FromMilliseconds(249), new StepResult(Fate.Served));
        tally.Count(TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(1), new StepResult(Fate.Served));

        var result = tally.ToResult("clients", "back", 20);
        Assert.Equal((1.25, 10.0, 20.0), (result.LastSlowSeconds!.Value, result.BeginSeconds, result.EndSeconds));
        Assert.Equal((4L, 1L), (result.Count, result.Errors));
    }

    /// <summary>A latency of 0 would hold every bound although no client was served.</summary>
    [Fact]
    public void Count_AllFail_LatenciesAreUnknown()
    {
        _recorder.Begin();
        _recorder.Phase("silent");

        _recorder.Count(_recorder.Elapsed, new StepResult(Fate.Refused));

        PhaseResult silent = _recorder.Results().Phases[0];
        Assert.Equal([null, null, null, null, null, null, null],
            [silent.MinMs, silent.MeanMs, silent.P50Ms, silent.P90Ms, silent.P99Ms, silent.P999Ms, silent.MaxMs]);
        Assert.NotNull(silent.LastSlowSeconds);
        Assert.Null(_recorder.Timeline.Results()[0].P99Ms);
    }

    [Fact]
    public void Observe_OtherSeries_AreNoneOfTheClients()
    {
        _recorder.Begin();
        _recorder.Phase("silent");

        _recorder.Observe("admin", _recorder.Elapsed, new StepResult(Fate.Served));

        var phases = _recorder.Results().Phases;
        Assert.Equal([("admin", "silent", 1L), ("clients", "all", 0L)], phases.Select(p => (p.Series, p.Phase, p.Count)));
    }

    [Fact]
    public void Figure_OfTheSameName_TheLastOneHolds()
    {
        _recorder.Figure("b", 1, "bytes");
        _recorder.Figure("a", 2, "bytes");
        _recorder.Figure("b", 3, "bytes");

        Assert.Equal([("a", 2.0), ("b", 3.0)], _recorder.Results().Figures.Select(f => (f.Name, f.Value)));
    }

    [Fact]
    public void Phase_MoreThanTheLimit_IsADefectOfTheStage()
    {
        _recorder.Begin();
        for (int i = 0; i < Recorder.PhasesMax; i++)
        {
            _recorder.Phase($"p{i}");
            // The first one takes the place of the phase that is there before any.
            if (i == 0) _recorder.Count(TimeSpan.Zero, new StepResult(Fate.Served));
        }

        Assert.Throws<InvalidOperationException>(() => _recorder.Phase("one more"));
    }

    [Fact]
    public void Timeline_Seconds_HaveTheirPercentiles()
    {
        Timeline timeline = new();
        for (int i = 1; i <= 100; i++)
            timeline.Count("run", TimeSpan.FromSeconds(3.5), TimeSpan.FromMilliseconds(i), new StepResult(Fate.Served));
        timeline.Count("run", TimeSpan.FromSeconds(3.9), TimeSpan.FromSeconds(9), new StepResult(Fate.Reset));

        Assert.Equal([new SecondResult(3, "run", 101, 1, 50, 99, 100)], timeline.Results());
    }
}
