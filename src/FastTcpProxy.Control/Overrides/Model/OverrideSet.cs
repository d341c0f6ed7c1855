using System.Collections.Immutable;

namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>All overrides that hold at one moment. Immutable, any thread.</summary>
public sealed record OverrideSet(
    ImmutableDictionary<(string Service, string Upstream), UpstreamOverride> Upstreams,
    ImmutableDictionary<string, OrderOverride> Orders)
{
    public static OverrideSet Empty { get; } =
        new(ImmutableDictionary<(string, string), UpstreamOverride>.Empty, ImmutableDictionary<string, OrderOverride>.Empty);

    internal UpstreamOverride? Of(string service, string upstream) => Upstreams.GetValueOrDefault((service, upstream));

    internal OrderOverride? Order(string service) => Orders.GetValueOrDefault(service);
}

/// <summary>The order that an operator has set for a service. Immutable.</summary>
/// <param name="Names">The upstreams that are tried first, in this order; the others follow as they are configured.</param>
/// <param name="Reason">Why, for people; empty when none was given; at most <see cref="OverrideLimits.ReasonCharsMax"/>.</param>
/// <param name="Author">Who.</param>
/// <param name="At">When, to the millisecond.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
public sealed record OrderOverride(ImmutableArray<string> Names, string Reason, string Author, DateTimeOffset At, DateTimeOffset? Expires);
