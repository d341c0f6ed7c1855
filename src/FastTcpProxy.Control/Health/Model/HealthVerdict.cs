using System.Collections.Immutable;

namespace FastTcpProxy.Control.Health.Model;

/// <summary>
/// The check results of an upstream, for a process that takes over from this one: it holds for the same check of the same server.
/// Immutable.
/// </summary>
/// <param name="Service">The service's name.</param>
/// <param name="Upstream">The upstream's name.</param>
/// <param name="Address">The upstream's address, as the configuration writes it.</param>
/// <param name="Check">Which check it was (<see cref="CheckFingerprint"/>).</param>
/// <param name="IsUp">The result.</param>
/// <param name="Since">Since when it is so.</param>
/// <param name="At">When the last check ended.</param>
/// <param name="Failure">Of the last check's decisive probe: the name of a <see cref="ProbeFailure"/>; null: it was good.</param>
/// <param name="Text">What that probe saw.</param>
/// <param name="ProbeMs">How long it took.</param>
/// <param name="CheckMs">How long the check took.</param>
/// <param name="Checks">How many have ended.</param>
/// <param name="Transitions">How often the upstream went from up to down or back.</param>
public sealed record HealthVerdict(
    string Service,
    string Upstream,
    string Address,
    string Check,
    bool IsUp,
    DateTimeOffset Since,
    DateTimeOffset At,
    string? Failure,
    string Text,
    double ProbeMs,
    double CheckMs,
    long Checks,
    long Transitions)
{
    /// <summary>The last transitions, as far as they count for flapping.</summary>
    public ImmutableArray<DateTimeOffset> Recent { get; init; } = [];
}
