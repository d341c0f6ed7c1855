using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Status;

/// <summary>An upstream at one moment: its configuration, its override and its health, each separately, and the result.
/// Immutable.</summary>
/// <param name="Configuration">What the configuration says.</param>
/// <param name="Number">Its place in the configured list, from 1.</param>
/// <param name="Override">What an operator has set, or null.</param>
/// <param name="Health">What checks say.</param>
/// <param name="IsServing">Whether new clients can get it now; true also when it is down and <c>allDown</c> says to try it.</param>
/// <param name="Why">Why it serves or does not, for people; never empty.</param>
/// <param name="Sessions">Sessions that are proxied to it.</param>
public sealed record UpstreamStatus(
    UpstreamConfiguration Configuration, int Number, UpstreamOverride? Override, UpstreamHealth Health, bool IsServing,
    string Why, int Sessions)
{
    /// <summary>Why sessions try it last, or only some of them begin with it, for people; empty: it has its place.</summary>
    public string Standing { get; init; } = "";

    /// <summary>Whether it serves only because no upstream is up.</summary>
    public bool IsTriedAlthoughDown { get; init; }
}
