using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The streams of events that are open: bounds their number, and ends them all. Any thread.</summary>
internal sealed class EventStreams
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _ending = new();
    private int _open;

    /// <summary>Why the streams were told to end.</summary>
    public string Why { get; private set; } = "";

    /// <summary>Takes a place. Null: as many are open as may be.</summary>
    /// <returns>Is cancelled when the streams that are open now are to end. <see cref="Leave"/> must follow.</returns>
    public CancellationToken? TryEnter()
    {
        lock (_lock)
        {
            if (_open == AdminLimits.StreamsMax) return null;
            _open++;
            return _ending.Token;
        }
    }

    public void Leave()
    {
        lock (_lock) _open--;
    }

    /// <summary>Lets the open streams end with a last message. Others may follow.</summary>
    /// <param name="why">For their readers.</param>
    public async Task EndAsync(string why)
    {
        CancellationTokenSource ending;
        lock (_lock)
        {
            Why = why;
            ending = _ending;
            _ending = new CancellationTokenSource();
        }
        // What the streams do follows elsewhere, and has begun when this returns.
        await ending.CancelAsync();
    }
}
