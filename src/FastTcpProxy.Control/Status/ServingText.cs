using System.Globalization;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Operators;

namespace FastTcpProxy.Control.Status;

/// <summary>Says for people why an upstream gets new clients, or does not. Pure, any thread.</summary>
internal static class ServingText
{
    public static string Explain(Place place, UpstreamHealth health) => place.Why switch
    {
        ServingReason.Healthy => Healthy(place, health),
        ServingReason.TriedAlthoughDown => "down, and tried all the same: no upstream that is enabled is up (allDown: try-in-order)",
        ServingReason.Unhealthy when health.State == HealthState.Initial => "not checked yet, and out until it is (initial: down)",
        ServingReason.Unhealthy => "down",
        ServingReason.DisabledByConfiguration => "disabled by the configuration (enabled: false)",
        ServingReason.DisabledByOperator => By("disabled", place.Override!),
        _ => By("draining", place.Override!),
    };

    private static string Healthy(Place place, UpstreamHealth health)
    {
        string state = health switch
        {
            { IsChecked: false } => "no check is configured",
            { State: HealthState.Initial } => "not checked yet",
            _ => "up",
        };
        return place.Override is { State: OverrideState.Enabled } set ? $"{state}, {By("enabled", set)}" : state;
    }

    private static string By(string what, UpstreamOverride set)
    {
        string expires = set.Expires is { } end ? string.Create(CultureInfo.InvariantCulture, $" until {end.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z") : "";
        return $"{what} by {set.Author}{expires}" + (set.Reason.Length > 0 ? $": {set.Reason}" : "");
    }
}
