using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Activation;

/// <summary>A service's upstreams as they are tried now, and why. Immutable, published as a whole together with what the engine serves. Two
/// are equal when the same follows from both.</summary>
/// <param name="Configuration">The service's.</param>
/// <param name="Order">The order that an operator has set, or null.</param>
/// <param name="Places">Every upstream, in the order in which they are tried.</param>
public sealed record Rotation(ServiceConfiguration Configuration, OrderOverride? Order, EquatableArray<Place> Places)
{
    /// <summary>Whether an enabled upstream is up or unchecked, and has an address.</summary>
    public bool IsAnyUp => Places.Any(p => p.Why == ServingReason.Healthy);

    /// <summary>Whether every enabled upstream is down, so that <c>allDown</c> decides.</summary>
    public bool IsAllDown => !IsAnyUp && Places.Any(p => p.Why is ServingReason.TriedAlthoughDown or ServingReason.Unhealthy);

    /// <summary>The number of upstreams in each state, for people: "1 disabled, 2 down".</summary>
    public string Counts =>
        string.Join(", ", Places.GroupBy(p => p.Word).OrderBy(same => same.Min(p => p.Why)).Select(same => $"{same.Count()} {same.Key}"));
}

/// <summary>An upstream in its rotation. Immutable.</summary>
/// <param name="Upstream">Which one.</param>
/// <param name="Configuration">What the configuration says of it.</param>
/// <param name="Definition">What the engine makes of it.</param>
/// <param name="Override">What an operator has set, or null.</param>
/// <param name="Why">What follows for new clients.</param>
public sealed record Place(ActiveUpstream Upstream, UpstreamConfiguration Configuration, UpstreamDefinition Definition,
    UpstreamOverride? Override, ServingReason Why)
{
    /// <summary>Whether new clients can get it.</summary>
    public bool IsServing => Why is ServingReason.Healthy or ServingReason.TriedAlthoughDown;

    /// <summary>Whether an operator or the configuration keeps it out.</summary>
    internal bool IsDisabled =>
        Why is ServingReason.DisabledByConfiguration or ServingReason.DisabledByOperator or ServingReason.Draining;

    /// <summary>What it is, in one word or two.</summary>
    internal string Word => Why switch
    {
        ServingReason.Healthy => "up",
        ServingReason.NoAddress => "without an address",
        ServingReason.DisabledByConfiguration or ServingReason.DisabledByOperator => "disabled",
        ServingReason.Draining => "draining",
        _ => Upstream.Health.State == HealthState.Initial ? "not checked yet" : "down",
    };

    /// <summary>Whether the engine knows it. One without an address is skipped there, and its attempts say why.</summary>
    internal bool IsTried => IsServing || Why == ServingReason.NoAddress;
}
