using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>
/// Runner one: begins steps when they are due, on the thread pool, and counts their latency from then. It paces on a thread of its own, so
/// that nothing that a step does holds up the arrivals. Used once, by one task.
/// </summary>
internal sealed class OpenRunner(IStage stage, Recorder recorder)
{
    /// <summary>
    /// Steps that are open at a time; an arrival beyond is counted as not begun. More than any machine's descriptors here allow.
    /// </summary>
    public const int OpenMax = 100_000;

    /// <summary>How long the last steps have to end, beside the patience of each client.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(60);

    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _giveUp = new();
    private int _open;
    private int _pacing = 1;
    private int _hasFailed;
    private long _latestUs;

    /// <summary>Steps that have begun and not ended.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The longest that the load itself was late with a step.</summary>
    public TimeSpan Latest => TimeSpan.FromMicroseconds(Volatile.Read(ref _latestUs));

    /// <summary>Runs all arrivals, and waits until the last of them has ended.</summary>
    /// <param name="stop">The user gives up.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using CancellationTokenRegistration onStop = stop.Register(_giveUp.Cancel);
        using CancellationTokenSource ended = new();
        recorder.Begin();
        Task driving = stage.DriveAsync(recorder, ended.Token);
        TimeSpan begin = TimeSpan.Zero;
        foreach (ArrivalSegment segment in stage.Arrivals)
        {
            TimeSpan end = begin + segment.During;
            Task arrivals = segment.Model == ArrivalModel.Rate ? PaceAsync(segment.Value, begin, end) : RepeatAsync(segment.Value, end);
            // A stage that fails ends the run at once.
            if (await Task.WhenAny(arrivals, driving) == driving && driving.IsFaulted) await _giveUp.CancelAsync();
            await arrivals;
            begin = end;
        }
        if (Interlocked.Decrement(ref _pacing) == 0 && Open == 0) _idle.TrySetResult();
        if (await Task.WhenAny(_idle.Task, Task.Delay(EndMax, CancellationToken.None)) != _idle.Task)
        {
            recorder.Note($"{Open} steps had not ended {EndMax.TotalSeconds:0} s after the last arrival, and were given up");
            await _giveUp.CancelAsync();
            await _idle.Task;
        }
        await ended.CancelAsync();
        await driving;
        if (Latest > Tally.Slow) recorder.Note($"the load itself was up to {Latest.TotalMilliseconds:0} ms late: that is in the latencies");
    }

    /// <summary>The open model.</summary>
    private Task PaceAsync(int rate, TimeSpan begin, TimeSpan end)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            for (long i = 0; !_giveUp.IsCancellationRequested; i++)
            {
                TimeSpan due = begin + TimeSpan.FromSeconds((double)i / rate);
                if (due >= end) break;
                // A signal of the runtime can end a sleep early.
                while (due - recorder.Elapsed is { Ticks: > 0 } wait) PreciseSleep.For(wait);
                Begin(due);
            }
            done.SetResult();
        }) { IsBackground = true, Name = "arrivals", Priority = ThreadPriority.AboveNormal };
        thread.Start();
        return done.Task;
    }

    private void Begin(TimeSpan due)
    {
        long lateUs = (long)(recorder.Elapsed - due).TotalMicroseconds;
        if (lateUs > _latestUs) Volatile.Write(ref _latestUs, lateUs);
        if (Interlocked.Increment(ref _open) > OpenMax)
        {
            recorder.Count(due, new StepResult(Fate.NotBegun));
            End();
            return;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Runner.StepAsync(state.Due), (Runner: this, Due: due),
            preferLocal: false);
    }

    /// <summary>The closed model.</summary>
    private Task RepeatAsync(int copies, TimeSpan end) => Task.WhenAll(Enumerable.Range(0, copies).Select(_ => Task.Run(async () =>
    {
        while (recorder.Elapsed < end && !_giveUp.IsCancellationRequested)
        {
            Interlocked.Increment(ref _open);
            await StepAsync(recorder.Elapsed);
        }
    })));

    private async Task StepAsync(TimeSpan due)
    {
        try
        {
            recorder.Count(due, await stage.StepAsync(_giveUp.Token));
        }
        catch (Exception e)
        {
            // A step answers with an outcome: this is a defect of the load, and shows as one.
            recorder.Count(due, new StepResult(Fate.NotBegun));
            if (Interlocked.Exchange(ref _hasFailed, 1) == 0) recorder.Note($"a step failed by itself: {e.GetType().Name}: {e.Message}");
        }
        End();
    }

    private void End()
    {
        if (Interlocked.Decrement(ref _open) == 0 && Volatile.Read(ref _pacing) == 0) _idle.TrySetResult();
    }
}
