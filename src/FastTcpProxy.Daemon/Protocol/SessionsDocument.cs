using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/sessions</c>. Immutable.</summary>
/// <param name="Sessions">Those that began last, the last one first.</param>
/// <param name="More">Whether there are others that fit the filter.</param>
/// <param name="Generations">Earlier processes, whose sessions are not among these. Null from earlier versions.</param>
internal sealed record SessionsDocument(ImmutableArray<SessionDocument> Sessions, bool More,
    ImmutableArray<GenerationDocument>? Generations = null);

/// <summary>A session that is under way. Immutable.</summary>
/// <param name="Id">Unique in its process, never used again.</param>
/// <param name="Listener">As configured.</param>
/// <param name="Peer">Who connected, address and port; null on a UNIX socket.</param>
/// <param name="Client">The peer, or whom its balancer named; null where it is not known.</param>
/// <param name="Upstream">The upstream that it is proxied to or connecting to; null before.</param>
/// <param name="UpstreamAddress">Which of its addresses; null before.</param>
/// <param name="State"><c>readingHeader</c>, <c>connecting</c>, <c>relaying</c>, or <c>flushing</c>: one side broke, and the other one is
/// sent what it had sent before.</param>
/// <param name="IdleMs">Since anything was relayed, or since its start.</param>
internal sealed record SessionDocument(
    long Id,
    string Service,
    string Listener,
    string? Peer,
    string? Client,
    string? Upstream,
    string? UpstreamAddress,
    string State,
    DateTime StartedAt,
    long BytesFromClient,
    long BytesFromUpstream,
    long IdleMs);

/// <summary>The answer to <c>DELETE /v1/sessions</c>. Immutable.</summary>
/// <param name="Killed">How many sessions were ended.</param>
internal sealed record KilledDocument(int Killed);
