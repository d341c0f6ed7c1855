using System.Net.Sockets;
using static FastTcpProxy.Engine.Outcomes.FaultSide;
using static FastTcpProxy.Engine.Outcomes.NextStep;
using Kind = FastTcpProxy.Engine.Outcomes.FailureKind;

namespace FastTcpProxy.Engine.Outcomes;

/// <summary>
/// What each error of a connection means: how the attempt ended, who is at fault, and what follows. The one table for sessions and checks.
/// Immutable, any thread.
/// </summary>
/// <remarks>
/// A lack of this machine (ports, descriptors, memory) says nothing about a peer: it is not noted against an upstream, a check that meets
/// it is unknown, and the session that fails by it has the proxy in its reason. What this machine forbids (EPERM and EACCES: a security
/// module, a prohibiting route, the permissions of a UNIX socket) is no lack: it lasts, it concerns that upstream alone, and no client gets
/// there. So it counts as the upstream's failure.
/// </remarks>
public static class FailureTable
{
    /// <summary>No failure.</summary>
    public static Failure None { get; } = new(Kind.None, AttemptOutcome.Connected, EndCause.Ended, FaultSide.None, Stop);

    /// <summary>Nothing listens there.</summary>
    public static Failure Refused { get; } = new(Kind.Refused, AttemptOutcome.Refused, EndCause.Refused, Peer, NextAddress);

    /// <summary>As a refusal, but a check names it apart.</summary>
    public static Failure Reset { get; } = Refused with { Kind = Kind.Reset };

    /// <summary>Silence.</summary>
    public static Failure TimedOut { get; } = new(Kind.TimedOut, AttemptOutcome.TimedOut, EndCause.TimedOut, Peer, NextAddress);

    /// <summary>
    /// The queue of a UNIX socket is full, and no event tells when there is room (connect(2), unix(7)). One that stays full is silence.
    /// </summary>
    public static Failure QueueFull { get; } = TimedOut with { Kind = Kind.QueueFull, Next = SameAgain };

    public static Failure Unreachable { get; } = new(Kind.Unreachable, AttemptOutcome.Unreachable, EndCause.Unreachable, Peer, NextAddress);

    /// <summary>The upstream's name has no address. No error leads here: there is nothing to connect to.</summary>
    public static Failure Unresolved { get; } = new(Kind.Unresolved, AttemptOutcome.Unresolved, EndCause.Unresolved, Peer, NextAddress);

    /// <summary>A port may be free on another source address, and towards another upstream.</summary>
    public static Failure NoLocalPort { get; } = new(Kind.NoLocalPort, AttemptOutcome.NoLocalPort, EndCause.NoLocalPort,
        ThisMachine, NextSource);

    /// <summary>Every attempt needs a descriptor, so the rest of the list is in vain.</summary>
    public static Failure NoDescriptor { get; } = new(Kind.NoDescriptor, AttemptOutcome.NoDescriptor, EndCause.NoDescriptor,
        ThisMachine, Stop);

    /// <summary>There may be memory for another kind of socket, or on another interface.</summary>
    public static Failure NoMemory { get; } = new(Kind.NoMemory, AttemptOutcome.NoMemory, EndCause.NoMemory, ThisMachine, NextAddress);

    /// <summary>Any other error of a connect.</summary>
    public static Failure Other { get; } = new(Kind.Other, AttemptOutcome.Failed, EndCause.Failed, Peer, NextAddress);

    /// <summary>The client left, or the process ended, during the attempt. No error leads here.</summary>
    public static Failure Abandoned { get; } = new(Kind.Abandoned, AttemptOutcome.Abandoned, EndCause.Failed, FaultSide.None, Stop);

    /// <summary>The session took another attempt's connection. No error leads here.</summary>
    public static Failure Superseded { get; } = Abandoned with { Kind = Kind.Superseded, Outcome = AttemptOutcome.Superseded };

    /// <summary>A connection that was open is open no longer.</summary>
    public static Failure Broken { get; } = new(Kind.Broken, AttemptOutcome.Failed, EndCause.Reset, Peer, Stop);

    /// <summary>The error of a connect.</summary>
    /// <param name="error">As the kernel or the framework says it.</param>
    /// <param name="isUnix">Whether the target is a UNIX socket, for which some errors mean something else.</param>
    public static Failure OfConnect(SocketError error, bool isUnix) => error switch
    {
        SocketError.Success => None,
        SocketError.ConnectionRefused => Refused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted => Reset,
        SocketError.TimedOut => TimedOut,
        SocketError.HostUnreachable or SocketError.HostDown => Unreachable,
        SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.AddressFamilyNotSupported => Unreachable,
        // For a UNIX socket the framework's name for ENOENT: the path is not there.
        SocketError.AddressNotAvailable => isUnix ? Refused : NoLocalPort,
        SocketError.AddressAlreadyInUse => NoLocalPort,
        // EAGAIN of TCP: no local port or no routing entry is left (connect(2)).
        SocketError.WouldBlock => isUnix ? QueueFull : NoLocalPort,
        SocketError.TooManyOpenSockets => NoDescriptor,
        // ENOBUFS, ENOMEM, and where the runtime has no room to watch the socket.
        SocketError.NoBufferSpaceAvailable => NoMemory,
        _ => Other,
    };

    /// <summary>The error of a connection that was open: the peer's, unless this machine has no memory for it.</summary>
    public static Failure OfStream(SocketError error) => error switch
    {
        SocketError.Success => None,
        SocketError.NoBufferSpaceAvailable => NoMemory,
        _ => Broken,
    };
}
