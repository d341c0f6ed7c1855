namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>What an operator has set for an upstream. Immutable.</summary>
/// <param name="State">What it is to be.</param>
/// <param name="Reason">Why, for people; empty when none was given; at most <see cref="OverrideLimits.ReasonCharsMax"/>.</param>
/// <param name="Author">Who.</param>
/// <param name="At">When, to the millisecond.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
public sealed record UpstreamOverride(OverrideState State, string Reason, string Author, DateTimeOffset At, DateTimeOffset? Expires);

/// <summary>What an operator says of an upstream, in place of the configuration's <c>enabled</c>. Health is not overridden.</summary>
public enum OverrideState : byte
{
    /// <summary>It gets new clients, although the configuration says <c>enabled: false</c>.</summary>
    Enabled,

    /// <summary>It gets no new clients; its sessions go on.</summary>
    Disabled,

    /// <summary>Likewise, and somebody waits for its sessions to end.</summary>
    Draining,
}
