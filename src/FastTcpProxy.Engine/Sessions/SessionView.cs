using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>An open session at one moment. Immutable.</summary>
public sealed record SessionView
{
    /// <summary>Its number, unique in this process, never used again; higher ones of the same loop began later.</summary>
    public required long Id { get; init; }

    public required string Service { get; init; }

    /// <summary>The listening address as configured.</summary>
    public required string Listener { get; init; }

    /// <summary>Who connected to us; unspecified on a UNIX socket.</summary>
    public required InetEndPoint Peer { get; init; }

    /// <summary>The client: the peer, or the client that its balancer named.</summary>
    public required InetEndPoint Client { get; init; }

    public required SessionState State { get; init; }

    /// <summary>The name of the upstream that it is proxied to or connecting to; null before.</summary>
    public string? Upstream { get; init; }

    /// <summary>Which of the upstream's addresses; null before.</summary>
    public UpstreamAddress? UpstreamAddress { get; init; }

    /// <summary>When the client was accepted.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Payload bytes from the client that were sent upstream so far.</summary>
    public required long BytesFromClient { get; init; }

    /// <summary>Payload bytes from the upstream that were sent to the client so far.</summary>
    public required long BytesFromUpstream { get; init; }

    /// <summary>Milliseconds since anything was relayed; since the accept when nothing was yet.</summary>
    public required long IdleMs { get; init; }
}
