using System.Globalization;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Status;

/// <summary>
/// Says for people why an upstream that serves is tried last, or by some clients only. Pure but for the clock; any thread.
/// </summary>
internal static class StandingText
{
    /// <summary>Empty: it has its place in the list.</summary>
    public static string Of(Place place) => Of(place.Upstream.Service.Configuration.Settings, place.Definition.Standing,
        UpstreamStanding.NowMs(TimeProvider.System), place.Definition.Addresses is [var address, ..] ? address : null);

    /// <param name="settings">The service's.</param>
    /// <param name="standing">The upstream's.</param>
    /// <param name="nowMs">Now, by <see cref="UpstreamStanding.NowMs"/>.</param>
    /// <param name="address">The upstream's first, of which the usual time is told; null: it has none.</param>
    internal static string Of(ServiceSettings settings, UpstreamStanding standing, long nowMs, UpstreamAddress? address = null)
    {
        (Standing silence, Standing resets) = (standing.Silence, standing.Resets);
        if (settings.Suspect is { } suspect && silence.IsLast)
        {
            string next = silence.State == StandingState.Probing ? "a client tries it now"
                : silence.AtMs <= nowMs ? "the next client tries it" : $"the next try is in {Seconds(silence.AtMs - nowMs)}";
            return $"suspect: {Counted.Of(suspect.After, "client")} in a row got no answer{Within(settings, address)}; tried last; {next}";
        }
        if (settings.Passive is { } passive && standing.IsEjected(nowMs))
        {
            return $"it ended {Counted.Of(passive.Resets, "session")} in a row within "
                + $"{ValueText.WriteDuration(passive.Within)} and without a byte; tried last for {Seconds(resets.AtMs - nowMs)} more";
        }
        double part = settings.ShareOf(standing, nowMs) / 10_000.0;
        return part >= 100 ? "" : $"returning: {part:0} % of the new clients begin with it";
    }

    /// <summary>" within 120 ms (usual: 3 ms)".</summary>
    private static string Within(ServiceSettings settings, UpstreamAddress? address)
    {
        if (address is null) return "";
        TimeSpan limit = address.SilentAfter(settings.Hedge ?? HedgePolicy.Default);
        string usual = address.UsualConnectTime is { } time ? string.Create(CultureInfo.InvariantCulture,
            $" (usual: {(time.TotalMilliseconds < 1 ? "under 1" : $"{time.TotalMilliseconds:0}")} ms)") : "";
        return string.Create(CultureInfo.InvariantCulture, $" within {limit.TotalMilliseconds:0} ms{usual}");
    }

    private static string Seconds(long ms) => $"{Math.Max((ms + 999) / 1_000, 1)} s";
}
