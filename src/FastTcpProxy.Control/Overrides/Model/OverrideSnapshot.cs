using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>All overrides that hold at one moment. Immutable, any thread; a change makes another one.</summary>
public sealed class OverrideSnapshot
{
    private readonly ImmutableDictionary<OverrideKey, Override> _all;

    private OverrideSnapshot(ImmutableDictionary<OverrideKey, Override> all) => _all = all;

    public static OverrideSnapshot Empty { get; } = new(ImmutableDictionary<OverrideKey, Override>.Empty);

    public int Count => _all.Count;

    /// <summary>Those of upstreams, and then the orders, by name.</summary>
    public IEnumerable<Override> All =>
        _all.Values.OrderBy(o => o is OrderOverride).ThenBy(o => o.Service, StringComparer.Ordinal)
        .ThenBy(o => o.Key.Upstream, StringComparer.Ordinal);

    /// <summary>When the next override ends by itself; null: none does.</summary>
    internal DateTimeOffset? NextExpiry => _all.Values.Min(o => o.Expires);

    public Override? Find(OverrideKey key) => _all.GetValueOrDefault(key);

    internal UpstreamOverride? Of(string service, string upstream) => Find(new OverrideKey(service, upstream)) as UpstreamOverride;

    internal OrderOverride? Order(string service) => Find(new OverrideKey(service)) as OrderOverride;

    /// <summary>With one more, or one in another's place.</summary>
    internal OverrideSnapshot With(Override set) => new(_all.SetItem(set.Key, set));

    internal OverrideSnapshot Without(OverrideKey key) => new(_all.Remove(key));

    /// <summary>With the times of those that end by themselves moved, because the clock was set.</summary>
    internal OverrideSnapshot Moved(TimeSpan by) => MovedBy(_ => by);

    /// <summary>
    /// With those that end by themselves and are of the future set now: the clock was set back while the proxy was stopped, and none of
    /// them holds longer than it was meant to.
    /// </summary>
    internal OverrideSnapshot NotSetAfter(DateTimeOffset now) => MovedBy(at => at > now ? now - at : TimeSpan.Zero);

    /// <summary>Without those whose time is over.</summary>
    /// <param name="ended">Is called for each of them.</param>
    internal OverrideSnapshot WithoutExpired(DateTimeOffset now, Action<Override, OverrideEnd> ended) =>
        Keep(o => o.Expires <= now ? OverrideEnd.Expired : null, ended);

    /// <summary>Without those that another configuration has overtaken.</summary>
    /// <param name="ended">Is called for each of them.</param>
    internal OverrideSnapshot For(IEnumerable<ServiceConfiguration> configured, Action<Override, OverrideEnd> ended)
    {
        Dictionary<string, ServiceConfiguration> services = configured.ToDictionary(s => s.Name, StringComparer.Ordinal);
        return Keep(o => o.EndUnder(services.GetValueOrDefault(o.Service)), ended);
    }

    private OverrideSnapshot Keep(Func<Override, OverrideEnd?> end, Action<Override, OverrideEnd> ended)
    {
        OverrideSnapshot kept = this;
        foreach (Override set in All)
        {
            if (end(set) is not { } why) continue;
            kept = kept.Without(set.Key);
            ended(set, why);
        }
        return kept;
    }

    private OverrideSnapshot MovedBy(Func<DateTimeOffset, TimeSpan> by) => new(_all.ToImmutableDictionary(
        e => e.Key,
        e => e.Value is { Expires: { } end, At: var at } ? e.Value with { At = at + by(at), Expires = end + by(at) } : e.Value));
}
