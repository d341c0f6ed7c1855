namespace FastTcpProxy.Daemon.Running;

/// <summary>How far the process is, and who wants it to end. The main task moves it on; anybody may ask, and ask for the end.</summary>
internal sealed class Lifecycle(DateTimeOffset startedAt)
{
    private readonly TaskCompletionSource<DrainRequest> _drain = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>When the process began to serve, or to try to.</summary>
    public DateTimeOffset StartedAt { get; } = startedAt;

    public ProcessState State
    {
        get => (ProcessState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    /// <summary>Completes with the first request to drain.</summary>
    public Task<DrainRequest> DrainRequested => _drain.Task;

    /// <summary>Asks for the end. False: somebody has asked before, and that holds.</summary>
    public bool RequestDrain(DrainRequest request) => _drain.TrySetResult(request);
}
