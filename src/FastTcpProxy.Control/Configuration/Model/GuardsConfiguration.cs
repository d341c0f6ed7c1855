using System.Net;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>
/// <c>guards</c> as the file has them, at the top or of a service: null is a key that is not given there. Immutable, any thread.
/// </summary>
public sealed record GuardsConfiguration
{
    public EquatableArray<IPNetwork>? Allow { get; init; }

    public EquatableArray<IPNetwork>? Deny { get; init; }

    public EquatableArray<ConfiguredNetworkList>? Lists { get; init; }

    /// <summary>Whether clients are served of whom no entry says anything.</summary>
    public bool? ServesUnlisted { get; init; }

    public PerSourceConfiguration PerSource { get; init; } = new();

    public TotalConfiguration Total { get; init; } = new();

    public RefusalAction? OnRefuse { get; init; }

    /// <summary>Null: refusals ban no source, unless the guards around these say otherwise.</summary>
    public BanConfiguration? Ban { get; init; }

    /// <summary>These keys in the place of those of the guards around them.</summary>
    public GuardsConfiguration Over(GuardsConfiguration around)
    {
        ArgumentNullException.ThrowIfNull(around);
        return new GuardsConfiguration
        {
            Allow = Allow ?? around.Allow,
            Deny = Deny ?? around.Deny,
            Lists = Lists ?? around.Lists,
            ServesUnlisted = ServesUnlisted ?? around.ServesUnlisted,
            PerSource = PerSource.Over(around.PerSource),
            Total = Total.Over(around.Total),
            OnRefuse = OnRefuse ?? around.OnRefuse,
            Ban = Ban is { } ban && around.Ban is { } other ? ban.Over(other) : Ban ?? around.Ban,
        };
    }
}

/// <summary>What one source may have; null is a key that is not given. Immutable, any thread.</summary>
public sealed record PerSourceConfiguration
{
    public int? Sessions { get; init; }

    public ConnectionRate? Connections { get; init; }

    public int? Burst { get; init; }

    public int? Ipv6Prefix { get; init; }

    public PerSourceConfiguration Over(PerSourceConfiguration around)
    {
        ArgumentNullException.ThrowIfNull(around);
        return new PerSourceConfiguration
        {
            Sessions = Sessions ?? around.Sessions,
            Connections = Connections ?? around.Connections,
            // A burst belongs to its rate.
            Burst = Burst ?? (Connections is null ? around.Burst : null),
            Ipv6Prefix = Ipv6Prefix ?? around.Ipv6Prefix,
        };
    }
}

/// <summary>What all clients together may have; null is a key that is not given. Immutable, any thread.</summary>
public sealed record TotalConfiguration
{
    public int? Sessions { get; init; }

    public ConnectionRate? Connections { get; init; }

    public int? Burst { get; init; }

    public int? PendingConnects { get; init; }

    public TotalConfiguration Over(TotalConfiguration around)
    {
        ArgumentNullException.ThrowIfNull(around);
        return new TotalConfiguration
        {
            Sessions = Sessions ?? around.Sessions,
            Connections = Connections ?? around.Connections,
            Burst = Burst ?? (Connections is null ? around.Burst : null),
            PendingConnects = PendingConnects ?? around.PendingConnects,
        };
    }
}

/// <summary>When a source is banned, and for how long; null is a key that is not given. Immutable, any thread.</summary>
public sealed record BanConfiguration
{
    public static BanTerms Default { get; } = new(20, 60_000, 60_000, 86_400_000);

    public int? After { get; init; }

    public TimeSpan? Within { get; init; }

    public TimeSpan? For { get; init; }

    public TimeSpan? Max { get; init; }

    /// <summary>With the default for each key that is not given.</summary>
    public BanTerms Terms => new(After ?? Default.After, Ms(Within) ?? Default.WithinMs, Ms(For) ?? Default.ForMs,
        Ms(Max) ?? Default.MaxMs);

    private static long? Ms(TimeSpan? time) => (long?)time?.TotalMilliseconds;

    public BanConfiguration Over(BanConfiguration around)
    {
        ArgumentNullException.ThrowIfNull(around);
        return new BanConfiguration
        {
            After = After ?? around.After, Within = Within ?? around.Within, For = For ?? around.For, Max = Max ?? around.Max,
        };
    }
}

/// <summary>So many connections in a second, a minute or an hour. Immutable, any thread.</summary>
/// <param name="Count">Above 0.</param>
/// <param name="PerSeconds">1, 60 or 3600.</param>
public readonly record struct ConnectionRate(int Count, int PerSeconds)
{
    public double PerSecond => (double)Count / PerSeconds;
}
