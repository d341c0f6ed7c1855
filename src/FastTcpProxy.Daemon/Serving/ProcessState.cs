namespace FastTcpProxy.Daemon.Serving;

/// <summary>How far the process is in its life.</summary>
internal enum ProcessState : byte
{
    /// <summary>Not listening yet.</summary>
    Starting,

    Serving,

    /// <summary>Not listening any more; sessions go on.</summary>
    Draining,
}
