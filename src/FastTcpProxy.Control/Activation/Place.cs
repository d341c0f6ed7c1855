using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Operators;

namespace FastTcpProxy.Control.Activation;

/// <summary>An upstream in its rotation. Immutable.</summary>
/// <param name="Upstream">Which one.</param>
/// <param name="Configuration">What the configuration says of it.</param>
/// <param name="Override">What an operator has set, or null.</param>
/// <param name="Why">What follows for new clients.</param>
public sealed record Place(ActiveUpstream Upstream, UpstreamConfiguration Configuration, UpstreamOverride? Override, ServingReason Why)
{
    /// <summary>Whether new clients can get to it.</summary>
    public bool IsServing => Why is ServingReason.Healthy or ServingReason.TriedAlthoughDown;

    /// <summary>Whether the engine is told of it. One without an address is passed over there, and its attempts say why.</summary>
    internal bool IsTried => IsServing || Why == ServingReason.NoAddress;
}
