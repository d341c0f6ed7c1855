namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// Which signals ask for the end: the first, and the second, which skips the drain. Service managers, containers and shells often send one
/// request twice, the second a moment after the first, perhaps as another signal. So a signal within <see cref="SameRequest"/> of the first
/// belongs to it. Any thread.
/// </summary>
internal sealed class EndSignals(TimeProvider time)
{
    /// <summary>
    /// Far above the time between the two signals of one request, which is mostly milliseconds, and below the time in which a person
    /// decides to wait no longer.
    /// </summary>
    public static readonly TimeSpan SameRequest = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private long _firstAt;

    /// <summary>Completes with the name of the first signal that asks for the end.</summary>
    public Task<string> First => _first.Task;

    /// <summary>Completes with the name of the signal that asks for it again.</summary>
    public Task<string> Second => _second.Task;

    /// <summary>A signal has arrived.</summary>
    public void Take(string name)
    {
        lock (_gate)
        {
            if (_first.TrySetResult(name)) _firstAt = time.GetTimestamp();
            else if (time.GetElapsedTime(_firstAt) > SameRequest) _second.TrySetResult(name);
        }
    }
}
