namespace FastTcpProxy.Engine.Outcomes;

/// <summary>How one connect to one upstream address ended.</summary>
public enum AttemptOutcome : byte
{
    Connected,

    /// <summary>
    /// The upstream answered with a reset: nothing listens there (ECONNREFUSED), or the path of a UNIX socket does not exist.
    /// </summary>
    Refused,

    /// <summary>No answer within the connect timeout.</summary>
    TimedOut,

    /// <summary>The host or network cannot be reached, or there is no route.</summary>
    Unreachable,

    /// <summary>The upstream's name has no address now.</summary>
    Unresolved,

    /// <summary>No local port was left on any source address.</summary>
    NoLocalPort,

    /// <summary>No descriptor was left.</summary>
    NoDescriptor,

    /// <summary>The kernel had no memory for the socket, or the runtime no room to watch it.</summary>
    NoMemory,

    /// <summary>Another error.</summary>
    Failed,

    /// <summary>The client went away, or the process ended, while it was under way.</summary>
    Abandoned,

    /// <summary>Another attempt of the same session was answered first, or was the elder one: this one was given up.</summary>
    Superseded,
}
