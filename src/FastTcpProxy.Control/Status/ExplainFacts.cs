using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Status;

/// <summary>Everything that decides about a client of a service, at one moment. Immutable.</summary>
/// <param name="Process">What holds for all services.</param>
/// <param name="Configuration">The service's.</param>
/// <param name="Sessions">The service's.</param>
/// <param name="Order">What an operator has set, or null.</param>
/// <param name="Candidates">Every upstream, in the order in which they are tried.</param>
public sealed record ExplainFacts(
    ProcessFacts Process, ServiceConfiguration Configuration, int Sessions, OrderOverride? Order, ImmutableArray<Candidate> Candidates)
{
    /// <summary>What the guards say of the client; null: it was not asked for.</summary>
    public GuardView? Guards { get; init; }
}

/// <summary>An upstream as a client would find it. Immutable.</summary>
/// <param name="Status">How it is.</param>
/// <param name="Addresses">Tried in this order; empty while its name has none.</param>
/// <param name="Attempts">The last connects to it, the latest first.</param>
public sealed record Candidate(UpstreamStatus Status, ImmutableArray<string> Addresses, ImmutableArray<AttemptView> Attempts);

/// <summary>What of the process decides over a client. Immutable.</summary>
/// <param name="IsListening">Not before it serves, and not any more when it drains.</param>
/// <param name="Sessions">Of all services.</param>
/// <param name="SessionsMax">Beyond this clients are refused; 0: no limit.</param>
/// <param name="Capacity">What descriptors allow: at this many sessions clients wait.</param>
public sealed record ProcessFacts(bool IsListening, int Sessions, int SessionsMax, int Capacity);
