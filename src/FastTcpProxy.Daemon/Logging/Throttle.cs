namespace FastTcpProxy.Daemon.Logging;

/// <summary>Lets one line a second into the log, for events that can come at any rate, and counts the others. Any thread.</summary>
internal sealed class Throttle(TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long? _last;
    private long _dropped;

    /// <summary>Whether a line may be written now.</summary>
    /// <param name="dropped">How many could not since the last one.</param>
    public bool TryPass(out long dropped)
    {
        lock (_lock)
        {
            dropped = _dropped;
            if (_last is { } last && time.GetElapsedTime(last) < Period)
            {
                _dropped++;
                return false;
            }
            _last = time.GetTimestamp();
            _dropped = 0;
            return true;
        }
    }
}
