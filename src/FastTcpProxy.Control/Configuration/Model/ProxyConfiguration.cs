using System.Collections.Immutable;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// The whole configuration with every default applied: what the daemon runs from. Immutable, any thread. It holds values only: a reload
/// makes a new one and the old one stays as it was.
/// </summary>
public sealed record ProxyConfiguration
{
    /// <summary>The services in the order of the file; at least one, at most <see cref="ConfigurationLimits.ServicesMax"/>.</summary>
    public required ImmutableArray<ServiceConfiguration> Services { get; init; }

    /// <summary>What holds for the process rather than for one service.</summary>
    public required EngineConfiguration Engine { get; init; }

    /// <summary>The session log. The command line may override it.</summary>
    public required LogConfiguration Log { get; init; }

    /// <summary>The administrative interface, or null when the file has none.</summary>
    public AdminConfiguration? Admin { get; init; }
}
