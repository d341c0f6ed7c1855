using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Tests.NBomberStandIn;

/// <summary>A scenario without a proxy: its steps are a function. It counts what began, and whether it was disposed.</summary>
internal sealed class FakeScenario(ImmutableArray<ArrivalSegment> arrivals, Func<int, CancellationToken, Task<StepResult>> step)
    : Model.Scenario, IStage
{
    private int _begun;

    public int Begun => Volatile.Read(ref _begun);

    public bool IsDisposed { get; private set; }

    /// <summary>The phases: one a second.</summary>
    public ImmutableArray<string> Phases { get; init; } = ["steady"];

    /// <summary>What the stage throws in place of a second phase.</summary>
    public Exception? Error { get; init; }

    public override string Name => "fake";
    public override string Summary => "";
    public override int Rate => arrivals[0].Value;
    public ImmutableArray<ArrivalSegment> Arrivals => arrivals;
    public int ProxyProcessId => Environment.ProcessId;

    public LoadOptions Options => LoadOptions.Of(this) with { Duration = arrivals.Aggregate(TimeSpan.Zero, (sum, a) => sum + a.During) };

    public override TimeSpan DurationMinOf(LoadOptions options) => TimeSpan.FromSeconds(1);

    public override Needs NeedsOf(LoadOptions options) => new(0, 0);

    public override IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options) => [];

    public override Task<IStage> SetUpAsync(LoadOptions options) => Task.FromResult<IStage>(this);

    public Task<StepResult> StepAsync(CancellationToken stop) => step(Interlocked.Increment(ref _begun), stop);

    public async Task DriveAsync(IRecord record, CancellationToken arrivalsEnded)
    {
        foreach (string phase in Phases)
        {
            record.Phase(phase);
            if (phase == Phases[^1]) break;
            await Task.Delay(TimeSpan.FromSeconds(1), arrivalsEnded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (Error is not null)
        {
            await Task.Yield();
            throw Error;
        }
        record.Observe("neighbour", record.Elapsed, new StepResult(Fate.Served));
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
