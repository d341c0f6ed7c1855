using FastTcpProxy.Engine.Background;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Background;

/// <summary>Work that fails: it is counted under its name, it begins anew, and nothing is thrown to a caller.</summary>
public sealed class BackgroundWorkTests
{
    private readonly BackgroundWork _background = new();

    [Fact]
    public async Task Thread_WorkThrows_BeginsAnewUntilItEnds()
    {
        int runs = 0;
        Thread thread = _background.Thread("work", () =>
        {
            if (++runs < 3) throw new InvalidOperationException($"defect {runs}");
        }, pause => false);
        thread.Start();
        await Eventually.HoldsAsync(() => !thread.IsAlive, "the work has ended");

        Assert.Equal(3, runs);
        BackgroundFaults faults = Assert.Single(_background.Faults);
        Assert.Equal(("work", 2, "defect 2"), (faults.Name, faults.Count, faults.Last.Message));
    }

    [Fact]
    public async Task Thread_EndIsAskedForInAPause_Ends()
    {
        List<TimeSpan> pauses = [];
        Thread thread = _background.Thread("work", () => throw new InvalidOperationException("a defect"), pause =>
        {
            pauses.Add(pause);
            return pauses.Count == 10;
        });
        thread.Start();
        await Eventually.HoldsAsync(() => !thread.IsAlive, "the thread has ended");

        Assert.Equal(BackgroundWork.PauseMin, pauses[0]);
        Assert.Equal(2 * BackgroundWork.PauseMin, pauses[1]);
        Assert.Equal(BackgroundWork.PauseMax, pauses[^1]);
    }

    [Fact]
    public async Task Run_WorkThrowsAndIsStopped_TaskEndsWithoutAFault()
    {
        using CancellationTokenSource stop = new();
        Task task = _background.Run("work", () => throw new InvalidOperationException("a defect"), stop.Token);
        await Eventually.HoldsAsync(() => _background.Faults is [{ Count: >= 2 }], "it has begun anew");
        await stop.CancelAsync();

        await task.WaitAsync(Deadline.Patient);
        Assert.True(task.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task RunOnce_WorkThrows_IsNotRepeated()
    {
        int runs = 0;
        await _background.RunOnce("work", () =>
        {
            runs++;
            throw new InvalidOperationException("a defect");
        });

        Assert.Equal(1, runs);
        Assert.Equal(1, Assert.Single(_background.Faults).Count);
    }

    [Fact]
    public void Note_MoreNamesThanAreKept_AreCountedTogether()
    {
        for (int i = 0; i < 2 * BackgroundWork.NamesMax; i++) _background.Note($"work {i}", new InvalidOperationException("a defect"));

        Assert.Equal(BackgroundWork.NamesMax, _background.Faults.Length);
        Assert.Equal(BackgroundWork.NamesMax + 1, _background.Faults.Single(f => f.Name == BackgroundWork.OtherName).Count);
    }

    /// <summary>What counts defects lacks something itself: the work continues, and the defect counts with the next one.</summary>
    [Fact]
    public void Guard_DefectCannotBeCounted_IsContainedAndCountsLater()
    {
        FailingClock time = new();
        BackgroundWork background = new(time);

        Assert.False(background.Guard("work", () => throw new InvalidOperationException("the first")));
        Assert.Empty(background.Faults);
        time.Fails = false;
        Assert.False(background.Guard("work", () => throw new InvalidOperationException("the second")));

        BackgroundFaults faults = Assert.Single(background.Faults);
        Assert.Equal(("work", 2, "the second"), (faults.Name, faults.Count, faults.Last.Message));
    }

    private sealed class FailingClock : TimeProvider
    {
        public bool Fails { get; set; } = true;

        public override DateTimeOffset GetUtcNow() => Fails ? throw new OutOfMemoryException() : base.GetUtcNow();
    }
}
