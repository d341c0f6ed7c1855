namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// When sessions and checks try a connect to a UNIX socket with a full queue again. A server that is busy for a moment is reached soon. One
/// that has stopped accepting costs five tries a second for each waiting client. The connect timeout bounds them all. Pure, any thread.
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
