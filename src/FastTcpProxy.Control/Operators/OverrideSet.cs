using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;

namespace FastTcpProxy.Control.Operators;

/// <summary>All overrides that hold at one moment. Immutable, any thread.</summary>
public sealed record OverrideSet(
    ImmutableDictionary<(string Service, string Upstream), UpstreamOverride> Upstreams,
    ImmutableDictionary<string, OrderOverride> Orders)
{
    public static OverrideSet Empty { get; } =
        new(ImmutableDictionary<(string, string), UpstreamOverride>.Empty, ImmutableDictionary<string, OrderOverride>.Empty);

    internal UpstreamOverride? Of(ActiveUpstream upstream) => Upstreams.GetValueOrDefault((upstream.Service.Name, upstream.Name));

    internal OrderOverride? Order(string service) => Orders.GetValueOrDefault(service);
}
