namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>What ended a take-over, as far as what follows depends on it.</summary>
internal enum TakeOverFault : byte
{
    /// <summary>The message says it.</summary>
    Other,

    /// <summary>The other process has ended, is about to, or goes on without this one.</summary>
    PeerClosed,

    /// <summary>The other process did not go on within the bound: it hangs, or is held.</summary>
    PeerSilent,

    /// <summary>The running process is about to end, and says so.</summary>
    PeerEnds,

    /// <summary>This process was told to end.</summary>
    Stopped,
}
