namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>
/// A take-over that failed. The message is for the operator: what failed, and what was expected. The old process continues.
/// </summary>
internal sealed class TakeOverException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the other process has done, where that is the cause.</summary>
    public TakeOverFault Fault { get; private init; }

    public static TakeOverException PeerClosed() => new("the other process closed the connection") { Fault = TakeOverFault.PeerClosed };

    public static TakeOverException PeerSilent() => new("the other process did not continue in time") { Fault = TakeOverFault.PeerSilent };

    /// <summary>The running process has said why it gives nothing.</summary>
    public static TakeOverException Refused(int processId, string why, bool ends) =>
        new($"the running process, {processId}, passes no sockets: {why}") { Fault = ends ? TakeOverFault.PeerEnds : TakeOverFault.Other };

    public static TakeOverException NoDescriptor() =>
        new("no descriptor is left for the connection: raise the limit for descriptors (LimitNOFILE, ulimit -n)");

    /// <summary>This process ends by itself, and gives nothing any more.</summary>
    public static TakeOverException Ending(string why) => new(why) { Fault = TakeOverFault.PeerEnds };

    public static TakeOverException Stopped() => new("this process ends") { Fault = TakeOverFault.Stopped };
}

/// <summary>What ended a take-over, as far as what follows depends on it.</summary>
internal enum TakeOverFault : byte
{
    /// <summary>The message says it.</summary>
    Other,

    /// <summary>The other process has exited, is about to, or continues without this one.</summary>
    PeerClosed,

    /// <summary>The other process did not continue within the bound: it hangs, or is held up.</summary>
    PeerSilent,

    /// <summary>The running process is about to end, and says so.</summary>
    PeerEnds,

    /// <summary>This process was told to end.</summary>
    Stopped,
}
