namespace FastTcpProxy.Control.Operators;

/// <summary>What an operator has set for an upstream. Immutable.</summary>
/// <param name="State">What it is to be.</param>
/// <param name="Reason">Why, for people; empty when none was given; at most <see cref="OverrideLimits.ReasonCharsMax"/>.</param>
/// <param name="Author">Who.</param>
/// <param name="At">When, to the millisecond.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
public sealed record UpstreamOverride(OverrideState State, string Reason, string Author, DateTimeOffset At, DateTimeOffset? Expires);
