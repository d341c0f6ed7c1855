namespace FastTcpProxy.Daemon.Logging.Recent;

/// <summary>
/// Reads the ring from some place on. It holds its place and no event, so a slow reader costs nothing: it learns how many events were
/// overwritten before it came to read them. One task at a time.
/// </summary>
internal sealed class EventReader(EventRing ring, long events, long steps)
{
    /// <summary>The place of a reader that does not read that kind.</summary>
    public const long Never = long.MaxValue;

    private long _events = events;
    private long _steps = steps;

    /// <summary>Events that were overwritten before the last <see cref="Read"/> came to them.</summary>
    public long Lost { get; private set; }

    /// <summary>The next events, none when there is no new one.</summary>
    public List<RecentEvent> Read(int max)
    {
        List<RecentEvent> read = [];
        Lost = ring.Read(ref _events, ref _steps, read, max);
        return read;
    }

    /// <summary>Completes when there is an event to read.</summary>
    public Task WaitAsync() => ring.WaitAsync(_events, _steps);
}
