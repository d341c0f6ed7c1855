using System.Collections.Immutable;

namespace FastTcpProxy.Control.Operators;

/// <summary>The order that an operator has set for a service. Immutable.</summary>
/// <param name="Names">The upstreams that are tried first, in this order; the others follow as they are configured.</param>
/// <param name="Reason">Why, for people; empty when none was given; at most <see cref="OverrideLimits.ReasonCharsMax"/>.</param>
/// <param name="Author">Who.</param>
/// <param name="At">When, to the millisecond.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
public sealed record OrderOverride(ImmutableArray<string> Names, string Reason, string Author, DateTimeOffset At, DateTimeOffset? Expires);
