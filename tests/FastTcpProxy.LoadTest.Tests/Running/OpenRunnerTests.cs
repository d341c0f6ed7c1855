using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Tests.Running;

public sealed class OpenRunnerTests
{
    private readonly Recorder _recorder = new();

    [Fact]
    public async Task Run_StepsThatWait_HoldUpNoArrival()
    {
        FakeStage stage = new(ArrivalSegment.PerSecond(200, TimeSpan.FromSeconds(1)),
            (_, stop) => Task.Delay(TimeSpan.FromSeconds(1), stop));

        await new OpenRunner(stage, _recorder).RunAsync(CancellationToken.None);

        // All of the second's arrivals were open at a time: a closed model would have waited for each.
        Assert.Equal(200, stage.Begun);
        Assert.InRange(stage.OpenMost, 150, 200);
        Assert.True(stage.HasEnded);
        Assert.InRange(All.P50Ms!.Value, 990, 20_000);
    }

    /// <summary>What coordinated omission would hide: the load is held up, and each step that was due meanwhile has waited.</summary>
    [Fact]
    public async Task Run_ThePoolIsHeldUp_ShowsInTheLatencyOfAllThatWereDue()
    {
        FakeStage stage = new(ArrivalSegment.PerSecond(100, TimeSpan.FromSeconds(1)), static (number, _) =>
        {
            // A step that blocks where it must not: later ones begin late, when there is a thread again.
            if (number <= Environment.ProcessorCount * 2) Thread.Sleep(400);
            return Task.CompletedTask;
        });

        await new OpenRunner(stage, _recorder).RunAsync(CancellationToken.None);

        Assert.Equal(100, All.Count);
        Assert.InRange(All.MaxMs!.Value, 400, 60_000);
    }

    [Fact]
    public async Task Run_ClosedModel_HasSoManyAtATime()
    {
        FakeStage stage = new(ArrivalSegment.AtATime(3, TimeSpan.FromSeconds(1)), (_, stop) => Task.Delay(20, stop));

        await new OpenRunner(stage, _recorder).RunAsync(CancellationToken.None);

        Assert.Equal(3, stage.OpenMost);
        Assert.InRange(stage.Begun, 6, 200);
    }

    [Fact]
    public async Task Run_StepThatThrows_IsNotBegunAndSaidOnce()
    {
        FakeStage stage = new(ArrivalSegment.PerSecond(20, TimeSpan.FromSeconds(1)),
            (_, _) => throw new InvalidTimeZoneException("a defect"));

        await new OpenRunner(stage, _recorder).RunAsync(CancellationToken.None);

        Assert.Equal(20, All.Fates["not_begun"]);
        Assert.Contains("a defect", Assert.Single(_recorder.Results().Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_GivenUp_EndsAtOnce()
    {
        FakeStage stage = new(ArrivalSegment.PerSecond(10, TimeSpan.FromMinutes(10)),
            (_, stop) => Task.Delay(Timeout.Infinite, stop).ContinueWith(static _ => { }, TaskScheduler.Default));
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(300));

        await new OpenRunner(stage, _recorder).RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(30),
            TestContext.Current.CancellationToken);

        Assert.True(stage.HasEnded);
    }

    [Fact]
    public async Task Run_StageFails_EndsWithItsError()
    {
        FakeStage stage = new(ArrivalSegment.PerSecond(10, TimeSpan.FromMinutes(10)),
            (_, _) => Task.CompletedTask) { DriveError = new InvalidOperationException("the proxy died") };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new OpenRunner(stage, _recorder).RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30),
                TestContext.Current.CancellationToken));

        Assert.Equal("the proxy died", error.Message);
    }

    private PhaseResult All => _recorder.Results().Phases[^1];

    private sealed class FakeStage(ArrivalSegment segment, Func<int, CancellationToken, Task> step) : IStage
    {
        private readonly Lock _lock = new();
        private int _open;

        public int Begun { get; private set; }

        public int OpenMost { get; private set; }

        public bool HasEnded { get; private set; }

        public Exception? DriveError { get; init; }

        public ImmutableArray<ArrivalSegment> Arrivals { get; } = [segment];

        public int ProxyProcessId => Environment.ProcessId;

        public async Task<StepResult> StepAsync(CancellationToken stop)
        {
            int number;
            lock (_lock)
            {
                number = ++Begun;
                OpenMost = Math.Max(OpenMost, ++_open);
            }
            await step(number, stop);
            lock (_lock) _open--;
            return new StepResult(Fate.Served);
        }

        public async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
        {
            if (DriveError is not null)
            {
                await Task.Yield();
                throw DriveError;
            }
            await Task.Delay(Timeout.Infinite, arrivalsEnded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            HasEnded = true;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
