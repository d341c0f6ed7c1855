using System.Net.Sockets;

namespace FastTcpProxy.Engine.Outcomes;

/// <summary>
/// What the error of a connect means: how the attempt ended, whose lack it was, and what follows. The one table for sessions and checks. Pure, any thread.
/// </summary>
/// <remarks>
/// What is missing on this machine (ports, descriptors, memory) says nothing about an upstream: it is not noted against one, a check that meets it has no result, and a
/// session that it cost its upstreams has the proxy in its reason. What this machine forbids (EPERM and EACCES: a security module, a prohibiting route, the permissions of a UNIX
/// socket) is no lack: it lasts, it concerns that upstream alone, and no client gets there. So it counts as the upstream's failure.
/// </remarks>
public static class ConnectErrors
{
    /// <summary>How an attempt with this error ended.</summary>
    /// <param name="error">As the kernel or the framework says it.</param>
    /// <param name="isUnix">Whether the target is a UNIX socket, for which some errors mean something else.</param>
    public static AttemptOutcome Classify(SocketError error, bool isUnix) => error switch
    {
        SocketError.Success => AttemptOutcome.Connected,
        SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.ConnectionAborted => AttemptOutcome.Refused,
        // The framework's name for ENOENT: the path is not there.
        SocketError.AddressNotAvailable when isUnix => AttemptOutcome.Refused,
        SocketError.TimedOut => AttemptOutcome.TimedOut,
        // A full queue that stayed full.
        SocketError.WouldBlock when isUnix => AttemptOutcome.TimedOut,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown
            or SocketError.AddressFamilyNotSupported => AttemptOutcome.Unreachable,
        // EAGAIN of a TCP connect: no local port or no routing entry is left (connect(2)).
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse or SocketError.WouldBlock => AttemptOutcome.NoLocalPort,
        SocketError.TooManyOpenSockets => AttemptOutcome.NoDescriptor,
        SocketError.NoBufferSpaceAvailable => AttemptOutcome.NoMemory,
        _ => AttemptOutcome.Failed,
    };

    /// <summary>
    /// Whether the same connect is worth another try a little later: the queue of a UNIX socket is full (EAGAIN), and no event tells when there is room (connect(2), unix(7)).
    /// </summary>
    public static bool IsFullQueue(SocketError error, bool isUnix) => isUnix && error == SocketError.WouldBlock;

    /// <summary>Whether something was missing on this machine, which says nothing about the upstream.</summary>
    public static bool IsOwnLack(AttemptOutcome outcome) => outcome is AttemptOutcome.NoLocalPort or AttemptOutcome.NoDescriptor or AttemptOutcome.NoMemory;

    /// <summary>
    /// Whether the rest of the list is in vain: every attempt needs a descriptor. A port may be free towards another address, and memory for another kind of socket.
    /// </summary>
    public static bool EndsList(AttemptOutcome outcome) => outcome == AttemptOutcome.NoDescriptor;

    /// <summary>The reason of a session for which no upstream accepted.</summary>
    /// <param name="last">How the last attempt ended.</param>
    /// <param name="lack">
    /// The last attempt that failed for want of something on this machine; <see cref="AttemptOutcome.Connected"/> when none did. It is the reason whatever the other attempts
    /// say: as long as one upstream was not asked, the upstreams have not failed the client.
    /// </param>
    internal static EndReason ToReason(AttemptOutcome last, AttemptOutcome lack) => lack == AttemptOutcome.Connected
        ? new EndReason(EndParty.Upstream, EndPhase.Connect, ToCause(last))
        : new EndReason(EndParty.Proxy, EndPhase.Connect, ToCause(lack));

    private static EndCause ToCause(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Refused => EndCause.Refused,
        AttemptOutcome.TimedOut => EndCause.TimedOut,
        AttemptOutcome.Unreachable => EndCause.Unreachable,
        AttemptOutcome.Unresolved => EndCause.Unresolved,
        AttemptOutcome.NoLocalPort => EndCause.NoLocalPort,
        AttemptOutcome.NoDescriptor => EndCause.NoDescriptor,
        AttemptOutcome.NoMemory => EndCause.NoMemory,
        _ => EndCause.Failed,
    };
}
