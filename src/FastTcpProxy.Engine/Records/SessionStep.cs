using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Records;

/// <summary>
/// One step of a session whose steps an operator wants to see. A value of fixed size without texts of its own: writing it into the ring
/// copies it and allocates nothing.
/// </summary>
public struct SessionStep
{
    /// <summary>What happened; it decides which of the others are set.</summary>
    public SessionStepKind Kind;

    /// <summary>The session's number.</summary>
    public long Id;

    /// <summary>Microseconds since the client was accepted.</summary>
    public long SinceUs;

    /// <summary>The definition that the session began with.</summary>
    public ServiceDefinition Service;

    /// <summary>The client: the peer, or the client that its balancer named.</summary>
    public InetEndPoint Client;

    /// <summary>Who connected; of an attempt: the source address, unspecified where the kernel chooses.</summary>
    public InetEndPoint Peer;

    /// <summary>Of an attempt: the upstream's place in the list; -1 for other steps.</summary>
    public int UpstreamIndex;

    /// <summary>Of an attempt: its address; null where its name has none.</summary>
    public UpstreamAddress? Address;

    /// <summary>Of an attempt that ended.</summary>
    public AttemptOutcome Outcome;

    /// <summary>Of a header: what it was.</summary>
    public HeaderMode Mode;

    /// <summary>Of a direction: who sends in it.</summary>
    public EndParty From;

    /// <summary>Of an attempt that ended: how long it took.</summary>
    public long TookUs;

    /// <summary>Of a direction: its bytes so far; of a header: its length; of the close: those from the client.</summary>
    public long Bytes;

    /// <summary>Of the close: those from the upstream.</summary>
    public long BytesFromUpstream;

    /// <summary>Of the close and of a refusal.</summary>
    public EndReason Reason;
}

/// <summary>The steps of a session, in about this order.</summary>
public enum SessionStepKind : byte
{
    /// <summary>Admission let the client in.</summary>
    Accepted,

    /// <summary>Admission did not; there is no session.</summary>
    Refused,

    /// <summary>The header of a balancer is whole, and admission let in the client that it names.</summary>
    HeaderRead,

    /// <summary>A connect begins.</summary>
    Attempting,

    /// <summary>It has ended.</summary>
    Attempted,

    /// <summary>Our header was written; it leaves with the first bytes.</summary>
    HeaderSent,

    /// <summary>The first bytes in a direction.</summary>
    FirstBytes,

    /// <summary>A direction is spliced from here on.</summary>
    Spliced,

    /// <summary>The end of stream was passed on in a direction.</summary>
    HalfClosed,

    /// <summary>The session has ended.</summary>
    Closed,
}
