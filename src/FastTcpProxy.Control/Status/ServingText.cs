using System.Globalization;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Status;

/// <summary>Says for people why an upstream gets new clients, or does not. Pure, any thread.</summary>
internal static class ServingText
{
    /// <param name="place">The upstream in its rotation.</param>
    /// <param name="health">What checks say of it.</param>
    /// <param name="error">Why its name did not resolve last; null: it did, or it has no name.</param>
    public static string Explain(Place place, UpstreamHealth health, string? error = null) => place.Why switch
    {
        ServingReason.Healthy => Enabled(place, State(health)) + (StandingText.Of(place) is { Length: > 0 } held ? $"; {held}" : ""),
        ServingReason.NoAddress =>
            Enabled(place, $"its name has had no address since {Time(place.Upstream.Since)}" + (error is null ? "" : $": {error}")),
        ServingReason.TriedAlthoughDown => $"{State(health)}; tried nevertheless, because no upstream is up (allDown: try-in-order)",
        ServingReason.Unhealthy when health.State == HealthState.Initial =>
            "not checked yet, and out until its first check (initial: down)",
        ServingReason.Unhealthy => State(health),
        ServingReason.DisabledByConfiguration => "disabled by the configuration (enabled: false)",
        ServingReason.DisabledByOperator => By("disabled", place.Override!),
        _ => By("draining", place.Override!),
    };

    /// <summary>"down since 2026-02-03 04:05:06Z: connect timed out".</summary>
    private static string State(UpstreamHealth health)
    {
        if (!health.IsChecked) return "no check is configured";
        if (health.State == HealthState.Initial) return "not checked yet";
        string reason = health.Last is { } last ? $": {last.Decisive.Text}" : "";
        return $"{(health.State == HealthState.Up ? "up" : "down")} since {Time(health.Since!.Value)}{reason}";
    }

    private static string Enabled(Place place, string state) =>
        place.Override is { State: OverrideState.Enabled } set ? $"{state}, {By("enabled", set)}" : state;

    private static string Time(DateTimeOffset at) => string.Create(CultureInfo.InvariantCulture, $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");

    private static string By(string what, UpstreamOverride set)
    {
        string expires = set.Expires is { } end ? $" until {Time(end)}" : "";
        return $"{what} by {set.Author} since {Time(set.At)}{expires}" + (set.Reason.Length > 0 ? $": {set.Reason}" : "");
    }
}
