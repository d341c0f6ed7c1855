using System.Diagnostics;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.NBomber;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Tests.NBomberStandIn;

/// <summary>The runner by NBomber, against the stand-in.</summary>
public sealed class NBomberRunTests : IDisposable
{
    private static readonly Task<StepResult> Served = Task.FromResult(new StepResult(Fate.Served, 256));

    private readonly TempFolder _work = new("nbomber");

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task Run_StepsOfAPhase_AreCountedInIt_ObserversBesideThem()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(20, TimeSpan.FromSeconds(2))], (_, _) => Served) { Phases = ["one", "two"] };

        RunResult run = await RunAsync(scenario);

        Assert.Equal([("clients", "one"), ("clients", "two"), ("neighbour", "two"), ("clients", "all")],
            run.Phases.Select(p => (p.Series, p.Phase)).OrderBy(p => p.Phase == "all").ThenBy(p => p.Phase).ThenBy(p => p.Series));
        Assert.Equal(scenario.Begun, run.Phases[^1].Count);
        Assert.InRange(scenario.Begun, 20, 40);
        Assert.True(scenario.IsDisposed);
    }

    /// <summary>NBomber adds what the scenario returns to what its steps returned.</summary>
    [Fact]
    public async Task Run_Reports_CountBytesAndCodesOnce()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(20, TimeSpan.FromSeconds(1))],
            (number, _) => Task.FromResult(new StepResult(number % 2 == 0 ? Fate.Served : Fate.Reset, 100)));

        RunResult run = await RunAsync(scenario, withReports: true);

        string report = File.ReadAllText(_work["report.txt"]);
        Assert.Equal($"bytes {100 * scenario.Begun}\nserved {scenario.Begun / 2}\nreset {(scenario.Begun + 1) / 2}\n", report);
        Assert.Equal(100 * scenario.Begun, run.Phases[^1].Bytes);
        Assert.Equal((scenario.Begun + 1) / 2, run.Phases[^1].Errors);
    }

    /// <summary>By default NBomber would end at 5,000.</summary>
    [Fact]
    public async Task Run_ManyFailures_EndsWhenItShould()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(6_000, TimeSpan.FromSeconds(2))],
            (_, _) => Task.FromResult(new StepResult(Fate.Refused)));

        RunResult run = await RunAsync(scenario);

        Assert.InRange(run.Phases[^1].Errors, 6_001, 12_000);
    }

    [Fact]
    public async Task Run_StepThatThrows_IsNotBegun()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(10, TimeSpan.FromSeconds(1))],
            (_, _) => throw new InvalidTimeZoneException("a defect"));

        RunResult run = await RunAsync(scenario);

        Assert.Equal(run.Phases[^1].Count, run.Phases[^1].Fates["not_begun"]);
    }

    /// <summary>The statistics have none of them: 0 would hold every bound.</summary>
    [Fact]
    public async Task Run_FiguresThatNBomberDoesNotHave_AreUnknown()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(20, TimeSpan.FromSeconds(2))], (_, _) => Served) { Phases = ["one", "two"] };
        string[] unknown = ["p50_ms", "p90_ms", "p999_ms", "recover_s"];

        RunResult run = await RunAsync(scenario);

        Assert.All(Judge.Of(run, unknown.Select(name => new Threshold($"all.{name}", Max: 1e9))), v => Assert.False(v.IsOk, v.Text));
        Assert.All(Judge.Of(run, unknown[1..].Select(name => new Threshold($"one.{name}", Max: 1e9))), v => Assert.False(v.IsOk, v.Text));
        Assert.All(Judge.Of(run, [new("all.p99_ms", Max: 1e9), new("one.p50_ms", Max: 1e9), new("all.count", Min: 1),
            new("neighbour.two.p90_ms", Max: 1e9)]), v => Assert.True(v.IsOk, v.Text));
    }

    [Fact]
    public async Task Run_NoStepIsServed_LatenciesAreUnknown()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(10, TimeSpan.FromSeconds(1))],
            (_, _) => Task.FromResult(new StepResult(Fate.Reset)));

        RunResult run = await RunAsync(scenario);

        Assert.All(Judge.Of(run, [new("all.p99_ms", Max: 1e9), new("steady.p99_ms", Max: 1e9), new("steady.max_ms", Max: 1e9)]),
            v => Assert.False(v.IsOk, v.Text));
    }

    [Fact]
    public async Task Run_ClosedModel_HasSoManyAtATime()
    {
        int open = 0, most = 0;
        FakeScenario scenario = new([ArrivalSegment.AtATime(3, TimeSpan.FromSeconds(1))], async (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref open));
            await Task.Delay(10);
            Interlocked.Decrement(ref open);
            return new StepResult(Fate.Served);
        });

        await RunAsync(scenario);

        Assert.Equal(3, most);
    }

    /// <summary>NBomber hears of no cancellation: neither steps nor the rest of ten minutes may keep the proxy.</summary>
    [Fact]
    public async Task Run_GivenUp_EndsAndDisposesTheStage()
    {
        using CancellationTokenSource stop = new();
        FakeScenario scenario = new([ArrivalSegment.PerSecond(5, TimeSpan.FromMinutes(10))], async (number, stopStep) =>
        {
            if (number == 3) await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, stopStep).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new StepResult(Fate.Reset);
        });
        long begin = Stopwatch.GetTimestamp();

        var given = await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(scenario, stop: stop.Token));

        Assert.Equal("interrupted; there is no result and no report", given.Message);
        Assert.True(scenario.IsDisposed);
        Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    /// <summary>A step that does not end, so that NBomber waits for it for a minute.</summary>
    [Fact]
    public async Task Run_GivenUpAndAStepHangs_DisposesTheStageAllTheSame()
    {
        TaskCompletionSource<StepResult> never = new();
        using CancellationTokenSource stop = new();
        FakeScenario scenario = new([ArrivalSegment.PerSecond(5, TimeSpan.FromMinutes(10))], (_, _) =>
        {
            stop.Cancel();
            return never.Task;
        });

        await Assert.ThrowsAsync<OperationCanceledException>(() => RunAsync(scenario, stop: stop.Token));

        Assert.True(scenario.IsDisposed);
        never.SetResult(new StepResult(Fate.Served));
    }

    [Fact]
    public async Task Run_StageFails_EndsWithItsError()
    {
        FakeScenario scenario = new([ArrivalSegment.PerSecond(10, TimeSpan.FromMinutes(10))], (_, _) => Served)
        {
            Error = new InvalidOperationException("the proxy died"),
        };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(scenario));

        Assert.Equal("the proxy died", error.Message);
        Assert.True(scenario.IsDisposed);
    }

    private Task<RunResult> RunAsync(FakeScenario scenario, bool withReports = false, CancellationToken stop = default) =>
        NBomberRun.RunAsync(scenario, scenario.Options, _work.Path, withReports, stop);

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
