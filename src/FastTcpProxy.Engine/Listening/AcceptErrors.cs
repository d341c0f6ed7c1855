using System.Net.Sockets;

namespace FastTcpProxy.Engine.Listening;

/// <summary>What a failed accept means for its listener.</summary>
internal enum AcceptErrorTier : byte
{
    /// <summary>It concerns the one connection: accept the next.</summary>
    Connection,

    /// <summary>Descriptors or memory are used up: pause, then try again.</summary>
    Resource,

    /// <summary>The listening socket itself has failed for good.</summary>
    Listener,
}

/// <summary>Sorts the errors of accept(2). Pure.</summary>
internal static class AcceptErrors
{
    public static AcceptErrorTier Classify(SocketError error) => error switch
    {
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => AcceptErrorTier.Resource,
        SocketError.NotSocket or SocketError.InvalidArgument or SocketError.Fault
            or SocketError.OperationAborted => AcceptErrorTier.Listener,
        // accept(2): errors of the new connection that are already pending are to be treated like "try again": ENETDOWN, EPROTO,
        // ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH. The same goes for unknown errors: they are counted, and a
        // pause after many in a row prevents a busy loop.
        _ => AcceptErrorTier.Connection,
    };
}
