using System.Net.Sockets;
using FastTcpProxy.Engine.Sessions;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>What the error of a connect means for the session. Pure.</summary>
internal static class ConnectErrors
{
    public static AttemptOutcome Classify(SocketError error) => error switch
    {
        SocketError.Success => AttemptOutcome.Connected,
        SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.ConnectionAborted => AttemptOutcome.Refused,
        SocketError.TimedOut => AttemptOutcome.TimedOut,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown
            or SocketError.AddressFamilyNotSupported => AttemptOutcome.Unreachable,
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse => AttemptOutcome.NoLocalPort,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => AttemptOutcome.NoDescriptor,
        _ => AttemptOutcome.Failed,
    };

    /// <summary>The reason of a session for which no upstream accepted, from its last attempt.</summary>
    public static EndCause ToCause(AttemptOutcome last) => last switch
    {
        AttemptOutcome.Refused => EndCause.Refused,
        AttemptOutcome.TimedOut => EndCause.TimedOut,
        AttemptOutcome.Unreachable => EndCause.Unreachable,
        AttemptOutcome.Unresolved => EndCause.Unresolved,
        AttemptOutcome.NoLocalPort => EndCause.NoLocalPort,
        AttemptOutcome.NoDescriptor => EndCause.NoDescriptor,
        _ => EndCause.Failed,
    };
}
