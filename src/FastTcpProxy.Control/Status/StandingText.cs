using System.Collections.Immutable;
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
    public static string Of(Place place) => Of(place.Upstream.Service.Configuration.Settings, place.Definition.Addresses,
        AddressStanding.NowMs(TimeProvider.System));

    /// <summary>Of several addresses the first is told that is not in its place, and how many there are.</summary>
    internal static string Of(ServiceSettings settings, ImmutableArray<UpstreamAddress> addresses, long nowMs)
    {
        (int moved, string first) = (0, "");
        foreach (UpstreamAddress address in addresses)
        {
            string text = Of(settings, address, nowMs);
            if (text.Length == 0) continue;
            if (moved++ == 0) first = addresses.Length == 1 ? text : $"{address.Text} is {text}";
        }
        if (moved == 0 || addresses.Length == 1) return first;
        return $"{moved} of {Counted.Of(addresses.Length, "address", "addresses")} not in place: {first}";
    }

    /// <param name="settings">The service's.</param>
    /// <param name="address">One of the upstream.</param>
    /// <param name="nowMs">Now, by <see cref="AddressStanding.NowMs"/>.</param>
    internal static string Of(ServiceSettings settings, UpstreamAddress address, long nowMs)
    {
        AddressStanding standing = address.Standing;
        (Standing silence, Standing resets) = (standing.Silence, standing.Resets);
        if (settings.Suspect is { } suspect && silence.IsLast)
        {
            string next = silence.State == StandingState.Probing ? "a client tries it now"
                : silence.AtMs <= nowMs ? "the next client tries it" : $"the next try is in {Seconds(silence.AtMs - nowMs)}";
            return $"suspect: {Counted.Of(suspect.After, "client")} in a row got no answer{Within(settings, address)}; tried last; {next}";
        }
        if (settings.Passive is { } passive && standing.IsEjected(nowMs))
        {
            return $"held: it ended {Counted.Of(passive.Resets, "session")} in a row within "
                + $"{ValueText.WriteDuration(passive.Within)} and without a byte; tried last for {Seconds(resets.AtMs - nowMs)} more";
        }
        double part = settings.ShareOf(standing, nowMs) / 10_000.0;
        return part >= 100 ? "" : $"returning: {part:0} % of the new clients begin with it";
    }

    /// <summary>" within 120 ms (usual: 3 ms)".</summary>
    private static string Within(ServiceSettings settings, UpstreamAddress address)
    {
        TimeSpan limit = address.SilentAfter(settings.Hedge ?? HedgePolicy.Default);
        string usual = address.UsualConnectTime is { } time ? string.Create(CultureInfo.InvariantCulture,
            $" (usual: {(time.TotalMilliseconds < 1 ? "under 1" : $"{time.TotalMilliseconds:0}")} ms)") : "";
        return string.Create(CultureInfo.InvariantCulture, $" within {limit.TotalMilliseconds:0} ms{usual}");
    }

    private static string Seconds(long ms) => $"{Math.Max((ms + 999) / 1_000, 1)} s";
}
