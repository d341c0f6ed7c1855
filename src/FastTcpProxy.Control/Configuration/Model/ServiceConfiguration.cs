using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>One service: where it listens, which upstreams its clients are proxied to, and the settings of its sessions. Immutable, any
/// thread.</summary>
public sealed record ServiceConfiguration
{
    /// <summary>Unique among the services; <c>[A-Za-z0-9._-]</c>, 1 to 64 characters.</summary>
    public required string Name { get; init; }

    /// <summary>One or more addresses; no two of the whole file overlap.</summary>
    public required EquatableArray<ConfiguredListenAddress> Listen { get; init; }

    /// <summary>The upstreams in the order in which they are tried; at least one.</summary>
    public required EquatableArray<UpstreamConfiguration> Upstreams { get; init; }

    /// <summary>What each of its sessions goes by, as the engine takes it.</summary>
    public required ServiceSettings Settings { get; init; }

    /// <summary>The guards that the service has by itself, until those of the file are laid below them; then null.</summary>
    public GuardsConfiguration? Guards { get; init; }

    /// <summary>How old the resolved addresses of an upstream's DNS name may grow.</summary>
    public required TimeSpan DnsRefresh { get; init; }

    /// <summary>What clients get when every enabled upstream is down.</summary>
    public required AllDownSetting AllDown { get; init; }
}

/// <summary>What clients get when every enabled upstream of a service is down.</summary>
public enum AllDownSetting : byte
{
    /// <summary>The list is tried as if all were up: checks may be wrong.</summary>
    TryInOrder,

    /// <summary>They fail at once.</summary>
    Fail,
}
