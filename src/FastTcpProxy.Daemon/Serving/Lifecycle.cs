namespace FastTcpProxy.Daemon.Serving;

/// <summary>The state of the process, and who requested its end. The main task advances it; any thread may read it, and request the
/// end.</summary>
internal sealed class Lifecycle(DateTimeOffset startedAt)
{
    private readonly TaskCompletionSource<DrainRequest> _drain = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;
    private DrainState? _draining;
    private long _takeOverTicks;

    /// <summary>When the process began to serve, or to try to.</summary>
    public DateTimeOffset StartedAt { get; } = startedAt;

    public ProcessState State
    {
        get => (ProcessState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>Since when, and for whom, it drains; null: it does not.</summary>
    public DrainState? Draining => Volatile.Read(ref _draining);

    /// <summary>How long this process took to take over from another, from its start to the last word; null: it has not.</summary>
    public TimeSpan? TakeOverDuration
    {
        get => Volatile.Read(ref _takeOverTicks) is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;
        set => Volatile.Write(ref _takeOverTicks, value?.Ticks ?? 0);
    }

    /// <summary>From now on it drains; or it did already, and its time limit has changed.</summary>
    /// <param name="cause">For whom, or why, for people.</param>
    /// <param name="limit">How long sessions may continue; null: as long as they want.</param>
    /// <param name="successor">The process that has taken over; 0: none has, or it cannot be seen.</param>
    public void BeginDraining(string cause, TimeSpan? limit = null, int successor = 0)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DrainState? before = Draining;
        Volatile.Write(ref _draining,
            new DrainState(before?.Since ?? now, cause, now + limit, successor > 0 ? successor : before?.Successor));
        State = ProcessState.Draining;
    }

    /// <summary>Completes with the first request to drain.</summary>
    public Task<DrainRequest> DrainRequested => _drain.Task;

    /// <summary>Requests the end. False: an earlier request applies.</summary>
    public bool RequestDrain(DrainRequest request) => _drain.TrySetResult(request);
}

/// <summary>A request that the process ends when its sessions have ended. Immutable.</summary>
/// <param name="Cause">Who or what: a signal, an operator.</param>
/// <param name="Timeout">How long sessions may continue; null: <c>engine.drainTimeout</c>.</param>
internal sealed record DrainRequest(string Cause, TimeSpan? Timeout);

/// <summary>A process that takes no more clients. Immutable.</summary>
/// <param name="Since">Since when; a later request changes the rest, and not this.</param>
/// <param name="Cause">For whom, or why, for people.</param>
/// <param name="Until">When the remaining sessions are reset; null: they may continue.</param>
/// <param name="Successor">The process that has taken over; null: none has, or it cannot be seen.</param>
internal sealed record DrainState(DateTimeOffset Since, string Cause, DateTimeOffset? Until, int? Successor);

/// <summary>The phase of the process.</summary>
internal enum ProcessState : byte
{
    /// <summary>Not listening yet.</summary>
    Starting,

    Serving,

    /// <summary>Not listening any more; sessions continue.</summary>
    Draining,
}
