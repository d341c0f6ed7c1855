using System.Collections.Immutable;

namespace FastTcpProxy.Control.Operators;

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
