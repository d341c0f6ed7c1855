using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/explain</c>: what would happen to a client now. Immutable.</summary>
/// <param name="From">The client's address.</param>
/// <param name="Listeners">Of the service, as configured.</param>
/// <param name="Guards">What could refuse the client.</param>
/// <param name="Order">What an operator has set; null: the configured order holds.</param>
/// <param name="Candidates">Every upstream, in the order in which they are tried.</param>
/// <param name="Outcome">What follows, one sentence for people.</param>
internal sealed record ExplainDocument(
    string Service,
    string From,
    ImmutableArray<ListenerDocument> Listeners,
    GuardsDocument Guards,
    OverrideDocument? Order,
    ImmutableArray<CandidateDocument> Candidates,
    string Outcome);

/// <summary>A listener, and whether the client can reach it. Immutable.</summary>
/// <param name="Why">For people; never empty.</param>
internal sealed record ListenerDocument(string Address, bool Reachable, string Why);

/// <summary>What could turn a client away before any upstream is tried. Immutable.</summary>
/// <param name="Descriptors">All sessions, and how many the process's descriptors allow: then clients wait.</param>
/// <param name="Process">All sessions, and <c>engine.maxSessions</c>.</param>
/// <param name="Service">The service's, and its <c>maxSessions</c>.</param>
/// <param name="AcceptProxy">Null where the service expects no header.</param>
/// <param name="Client">What the entries and limits of <c>guards</c> say of the client, for people.</param>
internal sealed record GuardsDocument(LimitDocument Descriptors, LimitDocument Process, LimitDocument Service,
    AcceptProxyDocument? AcceptProxy, string Client = "");

/// <summary>A count, and how far it may go. Immutable.</summary>
/// <param name="Max">Null: no limit.</param>
/// <param name="Full">Whether one more is refused.</param>
internal sealed record LimitDocument(int Sessions, int? Max, bool Full);

/// <summary>Whether the client must begin with a header of the PROXY protocol. Immutable.</summary>
/// <param name="From">The networks of balancers.</param>
/// <param name="Verdict"><c>header</c>: it must send one; <c>plain</c>: it is no balancer and is served without; <c>refused</c>: it is no
/// balancer and not served.</param>
/// <param name="Why">For people; never empty.</param>
internal sealed record AcceptProxyDocument(ImmutableArray<string> From, string Verdict, string Why);

/// <summary>An upstream as the client would find it. Immutable.</summary>
/// <param name="Mode">What the upstream gets first: <c>raw</c>, <c>proxy-v1</c> or <c>proxy-v2</c>.</param>
/// <param name="Serving">Whether it is tried at all.</param>
/// <param name="Why">Why, for people; never empty.</param>
/// <param name="Override">What an operator has set; null: the configuration holds.</param>
/// <param name="Addresses">Tried in this order; empty while its name has none.</param>
/// <param name="Attempts">The last connects to it, the latest first.</param>
internal sealed record CandidateDocument(
    string Name,
    string Mode,
    bool Serving,
    string Why,
    OverrideDocument? Override,
    HealthDocument Health,
    ImmutableArray<string> Addresses,
    int Sessions,
    ImmutableArray<AttemptDocument> Attempts)
{
    /// <summary>What its sessions say against its mode, for people; null: nothing.</summary>
    public string? HeaderDoubt { get; init; }
}

/// <summary>How a connect ended. Immutable.</summary>
/// <param name="Outcome"><c>connected</c>, <c>refused</c>, <c>timedOut</c>, <c>unreachable</c>, <c>unresolved</c>, <c>failed</c> or
/// <c>abandoned</c>. An attempt that this machine lacked something for is not noted.</param>
/// <param name="At">When it ended.</param>
internal sealed record AttemptDocument(string Outcome, DateTime At, int TookMs);
