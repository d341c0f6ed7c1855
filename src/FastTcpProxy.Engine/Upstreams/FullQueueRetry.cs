namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// When a connect to a UNIX socket whose queue is full is tried again, by sessions and checks alike. A server that is busy for a moment is met soon; one that has stopped
/// to accept costs five tries a second for each client that waits. The connect timeout bounds them all. Pure, any thread.
/// </summary>
public static class FullQueueRetry
{
    /// <summary>A tick of a loop's timers: nothing sooner would be tried sooner.</summary>
    public const int FirstMs = 20;

    public const int LastMs = 200;

    /// <summary>The wait before the next try, in milliseconds.</summary>
    /// <param name="beforeMs">The wait before the last one; 0 when there was none.</param>
    public static int NextMs(int beforeMs) => beforeMs == 0 ? FirstMs : Math.Min(2 * beforeMs, LastMs);
}
