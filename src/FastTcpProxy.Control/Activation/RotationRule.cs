using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// What follows from the configuration, the operators' overrides and health: they are kept apart, and none changes another. Pure functions.
/// </summary>
internal static class RotationRule
{
    /// <summary>Why an upstream gets new clients, or does not.</summary>
    /// <param name="enabled">What the configuration says.</param>
    /// <param name="state">What an operator says in its place, or null.</param>
    /// <param name="healthy">Whether health lets it serve.</param>
    /// <param name="othersHealthy">Whether an upstream that is enabled is healthy and has an address, this one included.</param>
    /// <param name="allDown">What is done when none is.</param>
    /// <param name="hasAddress">Whether there is an address to connect to.</param>
    public static ServingReason Decide(bool enabled, OverrideState? state, bool healthy, bool othersHealthy, AllDownSetting allDown,
        bool hasAddress = true) => state switch
    {
        OverrideState.Disabled => ServingReason.DisabledByOperator,
        OverrideState.Draining => ServingReason.Draining,
        null when !enabled => ServingReason.DisabledByConfiguration,
        _ when healthy => hasAddress ? ServingReason.Healthy : ServingReason.NoAddress,
        _ when !othersHealthy && allDown == AllDownSetting.TryInOrder && hasAddress => ServingReason.TriedAlthoughDown,
        _ => ServingReason.Unhealthy,
    };

    /// <summary>Whether an upstream may serve as far as configuration and operators are concerned.</summary>
    public static bool IsEnabled(bool enabled, OverrideState? state) => state is null ? enabled : state == OverrideState.Enabled;

    /// <summary>
    /// The order in which upstreams are tried: those that the operator names first, in the order of the naming, then the others as they are
    /// configured. A name that does not exist, or no longer exists, has no effect.
    /// </summary>
    public static ImmutableArray<T> Order<T>(ImmutableArray<T> configured, ImmutableArray<string> named, Func<T, string> name)
    {
        if (named.IsDefaultOrEmpty) return configured;
        return [.. configured.OrderBy(item => named.IndexOf(name(item)) is >= 0 and int place ? place : int.MaxValue)];
    }
}
