using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>Every override with what it was set against: what the state file holds. Immutable; a change makes another one.</summary>
internal sealed record OverrideSnapshot(
    ImmutableDictionary<(string Service, string Upstream), StoredOverride> Upstreams,
    ImmutableDictionary<string, StoredOrder> Orders)
{
    public static OverrideSnapshot Empty { get; } =
        new(ImmutableDictionary<(string, string), StoredOverride>.Empty, ImmutableDictionary<string, StoredOrder>.Empty);

    public int Count => Upstreams.Count + Orders.Count;

    /// <summary>What holds, for the composer.</summary>
    public OverrideSet ToSet() => new(
        Upstreams.ToImmutableDictionary(e => e.Key, e => e.Value.Set),
        Orders.ToImmutableDictionary(e => e.Key, e => e.Value.Set));

    /// <summary>When the next override ends by itself; null: none does.</summary>
    public DateTimeOffset? NextExpiry => Upstreams.Values.Select(o => o.Set.Expires).Concat(Orders.Values.Select(o => o.Set.Expires)).Min();

    /// <summary>With the times of those that end by themselves moved, because the clock was set.</summary>
    public OverrideSnapshot Moved(TimeSpan by) => MovedBy(_ => by);

    /// <summary>
    /// With those that end by themselves and are of the future set now: the clock was set back while nobody looked, and none of them holds longer than it
    /// was meant to.
    /// </summary>
    public OverrideSnapshot NotSetAfter(DateTimeOffset now) => MovedBy(at => at > now ? now - at : TimeSpan.Zero);

    /// <summary>Without those whose time is over, each of which is told.</summary>
    public OverrideSnapshot WithoutExpired(DateTimeOffset now, IOverrideObserver observer) => Keep(
        (_, o) => o.Set.Expires <= now ? OverrideEnd.Expired : null,
        (_, o) => o.Set.Expires <= now ? OverrideEnd.Expired : null,
        observer);

    /// <summary>Without those that another configuration has overtaken, each of which is told.</summary>
    public OverrideSnapshot For(IEnumerable<ServiceConfiguration> configured, IOverrideObserver observer)
    {
        Dictionary<string, ServiceConfiguration> services = configured.ToDictionary(s => s.Name, StringComparer.Ordinal);
        return Keep(
            (key, o) => services.GetValueOrDefault(key.Service)?.Upstreams.FirstOrDefault(u => u.Name == key.Upstream) switch
            {
                null => OverrideEnd.Gone,
                { } upstream when !o.IsAbout(upstream) => OverrideEnd.ConfigurationChanged,
                _ => null,
            },
            (service, o) => services.GetValueOrDefault(service) switch
            {
                null => OverrideEnd.Gone,
                { } found when !o.IsAbout(found) => OverrideEnd.ConfigurationChanged,
                _ => null,
            },
            observer);
    }

    private OverrideSnapshot Keep(
        Func<(string Service, string Upstream), StoredOverride, OverrideEnd?> end,
        Func<string, StoredOrder, OverrideEnd?> endOrder,
        IOverrideObserver observer)
    {
        OverrideSnapshot kept = this;
        foreach (((string service, string upstream) key, StoredOverride value) in Upstreams)
        {
            if (end(key, value) is not { } why) continue;
            kept = kept with { Upstreams = kept.Upstreams.Remove(key) };
            observer.Ended(key.service, key.upstream, Wording(value.Set.State), value.Set.Author, why);
        }
        foreach ((string service, StoredOrder value) in Orders)
        {
            if (endOrder(service, value) is not { } why) continue;
            kept = kept with { Orders = kept.Orders.Remove(service) };
            observer.Ended(service, null, $"order {string.Join(", ", value.Set.Names)}", value.Set.Author, why);
        }
        return kept;
    }

    private OverrideSnapshot MovedBy(Func<DateTimeOffset, TimeSpan> by) => new(
        Upstreams.ToImmutableDictionary(
            e => e.Key, e => e.Value.Set.Expires is { } end ? e.Value with { Set = e.Value.Set with { At = e.Value.Set.At + by(e.Value.Set.At), Expires = end + by(e.Value.Set.At) } } : e.Value),
        Orders.ToImmutableDictionary(
            e => e.Key, e => e.Value.Set.Expires is { } end ? e.Value with { Set = e.Value.Set with { At = e.Value.Set.At + by(e.Value.Set.At), Expires = end + by(e.Value.Set.At) } } : e.Value));

    private static string Wording(OverrideState state) => state switch
    {
        OverrideState.Enabled => "enabled",
        OverrideState.Disabled => "disabled",
        _ => "draining",
    };
}
