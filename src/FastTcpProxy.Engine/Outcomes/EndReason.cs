using FastTcpProxy.Engine.Guards.Decision;

namespace FastTcpProxy.Engine.Outcomes;

/// <summary>Who ended a session.</summary>
public enum EndParty : byte
{
    Client,
    Upstream,
    Proxy,
    Operator,
}

/// <summary>How far the session had come when it ended.</summary>
public enum EndPhase : byte
{
    /// <summary>Before anything was spent on it.</summary>
    Guard,

    /// <summary>Reading the PROXY header of a balancer in front.</summary>
    Header,

    /// <summary>Connecting, down the list.</summary>
    Connect,

    /// <summary>Proxied to an upstream.</summary>
    Relay,
}

/// <summary>Why a session ended.</summary>
public enum EndCause : byte
{
    /// <summary>Both sides ended in order; the party is the one that ended first.</summary>
    Ended,

    /// <summary>The party reset its connection, or it broke.</summary>
    Reset,

    /// <summary>
    /// The client ended its direction: while the header of a balancer was read, or before an upstream accepted and the service closes such
    /// sessions (<see cref="Services.ServiceSettings.AbortOnClose"/>).
    /// </summary>
    Closed,

    /// <summary>No upstream accepted: the last one refused.</summary>
    Refused,

    /// <summary>No upstream accepted: the last one was silent. In the header phase: the header was not whole in time.</summary>
    TimedOut,

    /// <summary>No upstream accepted: the last one could not be reached.</summary>
    Unreachable,

    /// <summary>No upstream accepted: the name of the last one was not resolved.</summary>
    Unresolved,

    /// <summary>
    /// No upstream accepted, and for one of them there was no local port left. Like the two that follow it is a lack of this machine, and
    /// the reason even if other upstreams answered.
    /// </summary>
    NoLocalPort,

    /// <summary>No upstream accepted, and there was no descriptor left: the rest of the list was not tried.</summary>
    NoDescriptor,

    /// <summary>The kernel had no memory: for one of the attempts, and no upstream accepted; or for a connection that was open.</summary>
    NoMemory,

    /// <summary>No upstream accepted, for a reason that has no separate name.</summary>
    Failed,

    /// <summary>There is no upstream to try: all-down, or none is enabled.</summary>
    NoUpstream,

    /// <summary>The service or the process has as many sessions as it may have.</summary>
    LimitReached,

    /// <summary>
    /// There was no buffer: in the header phase for a header in pieces, or for the part of it that is passed on; in the relay phase other
    /// sessions needed the one that this session held.
    /// </summary>
    NoBuffer,

    /// <summary>The peer must not use a listener that expects a balancer's PROXY header.</summary>
    NotTrusted,

    /// <summary>An entry denies the client's address, and none allows it.</summary>
    Denied,

    /// <summary>Only those are served whom an entry allows, and the client is none of them.</summary>
    NotAllowed,

    /// <summary>The client's source has as many sessions as one may have.</summary>
    SourceSessions,

    /// <summary>The client's source connects faster than one may.</summary>
    SourceRate,

    /// <summary>The client's source was refused so often that it is refused for a time.</summary>
    Banned,

    /// <summary>All clients together connect faster than they may.</summary>
    TotalRate,

    /// <summary>As many sessions wait for an upstream to accept as may.</summary>
    PendingConnects,

    /// <summary>The balancer's PROXY header is not valid.</summary>
    InvalidHeader,

    /// <summary>The TLVs to pass on of the balancer's header do not fit our header, beside the addresses and the checksum.</summary>
    HeaderTooLong,

    /// <summary>Neither side sent anything for the idle timeout.</summary>
    Idle,

    /// <summary>One side had ended, and the other sent nothing for the half-close timeout.</summary>
    HalfClosed,

    /// <summary>The proxy was told to end, and the drain timeout was over.</summary>
    Drained,

    /// <summary>An operator has ended this session, or all of those that it was one of.</summary>
    Killed,

    /// <summary>The listening address that it came through was taken out of the configuration, and sessions were not to be kept.</summary>
    ListenerRemoved,

    /// <summary>Its upstream was found to be down, and sessions are not kept then.</summary>
    UpstreamDown,

    /// <summary>A defect of the proxy.</summary>
    Fault,
}

/// <summary>Why a session ended: who, in which phase, why. Every session has exactly one; the first one stays.</summary>
public readonly record struct EndReason(EndParty Party, EndPhase Phase, EndCause Cause)
{
    /// <summary>The reason of a client that admission has refused.</summary>
    internal static EndReason Refused(AdmissionVerdict verdict) =>
        new(EndParty.Proxy, EndPhase.Guard, verdict switch
        {
            AdmissionVerdict.NotTrusted => EndCause.NotTrusted,
            AdmissionVerdict.Denied => EndCause.Denied,
            AdmissionVerdict.NotAllowed => EndCause.NotAllowed,
            AdmissionVerdict.SourceSessions => EndCause.SourceSessions,
            AdmissionVerdict.SourceRate => EndCause.SourceRate,
            AdmissionVerdict.Banned => EndCause.Banned,
            AdmissionVerdict.TotalRate => EndCause.TotalRate,
            AdmissionVerdict.PendingConnects => EndCause.PendingConnects,
            _ => EndCause.LimitReached,
        });

    /// <summary>Whether the session was carried to its end.</summary>
    public bool IsSuccess => Phase == EndPhase.Relay && Cause == EndCause.Ended;

    /// <summary>Party, phase and cause with dots between, in camel case: "client.relay.ended", "upstream.connect.timedOut".</summary>
    public override string ToString() => $"{Name(Party.ToString())}.{Name(Phase.ToString())}.{Name(Cause.ToString())}";

    private static string Name(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
