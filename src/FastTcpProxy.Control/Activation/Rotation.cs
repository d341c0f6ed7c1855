using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Operators;

namespace FastTcpProxy.Control.Activation;

/// <summary>A service's upstreams as they are tried now, and why. Immutable, published whole together with what the engine serves.</summary>
/// <param name="Configuration">The service's.</param>
/// <param name="Order">The order that an operator has set, or null.</param>
/// <param name="Places">Every upstream, in the order in which they are tried.</param>
public sealed record Rotation(ServiceConfiguration Configuration, OrderOverride? Order, ImmutableArray<Place> Places)
{
    /// <summary>Whether health has taken out every upstream that is enabled, so that <c>allDown</c> decides.</summary>
    public bool IsAllOut => Places.All(p => p.Why != ServingReason.Healthy)
        && Places.Any(p => p.Why is ServingReason.TriedAlthoughDown or ServingReason.Unhealthy);
}
