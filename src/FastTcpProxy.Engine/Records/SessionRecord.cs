using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Records;

/// <summary>Everything that is recorded of a closed session. A value of fixed size: writing it into the ring copies it and allocates
/// nothing.</summary>
public struct SessionRecord
{
    /// <summary>The session's number, as live sessions show it; a client that was refused has one too.</summary>
    public long Id;

    /// <summary>When the client was accepted, UTC ticks.</summary>
    public long StartedUtcTicks;

    /// <summary>The definition that the session began with.</summary>
    public ServiceDefinition Service;

    /// <summary>The listening address as configured.</summary>
    public string Listener;

    /// <summary>Who connected to us; unspecified on a UNIX socket.</summary>
    public InetEndPoint Peer;

    /// <summary>The client: the peer, or the client that its balancer named.</summary>
    public InetEndPoint Client;

    /// <summary>Whether <see cref="Client"/> comes from a balancer's header.</summary>
    public bool ClientIsForwarded;

    /// <summary>Every attempt with its outcome, in order; the last one is the upstream that the session was proxied to, if any.</summary>
    public AttemptList Attempts;

    /// <summary>The address that the session was proxied to, or null.</summary>
    public UpstreamAddress? UpstreamAddress;

    /// <summary>The upstream's place in the list, or -1.</summary>
    public int UpstreamIndex;

    /// <summary>What the upstream was told.</summary>
    public HeaderMode Mode;

    /// <summary>Payload bytes from the client that were sent upstream.</summary>
    public long BytesFromClient;

    /// <summary>Payload bytes from the upstream that were sent to the client.</summary>
    public long BytesFromUpstream;

    /// <summary>Microseconds from the accept until the balancer's header was whole; 0 without one.</summary>
    public long HeaderUs;

    /// <summary>What is wrong with the balancer's header, when the reason is <see cref="EndCause.InvalidHeader"/>.</summary>
    public ProxyDecodeError HeaderError;

    /// <summary>
    /// Microseconds from there until an upstream had accepted or all had failed, all attempts together; -1 if it never came to it.
    /// </summary>
    public long ConnectUs;

    /// <summary>Microseconds from the accept to the end.</summary>
    public long TotalUs;

    public EndReason Reason;

    /// <summary>How the client's connection fared; null where it was not looked at.</summary>
    public PathState? ClientPath;

    /// <summary>How the upstream's connection fared; null where it was not looked at.</summary>
    public PathState? UpstreamPath;

    /// <summary>Sessions of the process when this one ended, itself counted.</summary>
    public int ProcessSessions;

    /// <summary>Sessions of the service when this one ended, itself counted.</summary>
    public int ServiceSessions;
}
