using System.Collections.Immutable;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>
/// The whole configuration with every default applied: what the daemon runs from. Immutable, any thread. It holds values only: a reload
/// makes a new one, and the old one does not change.
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

    /// <summary>Where metrics are sent to, or null when they are not.</summary>
    public OtlpConfiguration? Otlp { get; init; }
}

/// <summary>What holds for the process rather than for one service. Immutable, any thread.</summary>
public sealed record EngineConfiguration
{
    /// <summary>Socket threads; one per core unless the file or the command line says otherwise.</summary>
    public required int Threads { get; init; }

    /// <summary>The bound on the sessions of all services together.</summary>
    public required int MaxSessions { get; init; }

    /// <summary>How long sessions may continue after the first SIGTERM before they are reset. Never zero.</summary>
    public required TimeSpan DrainTimeout { get; init; }
}

/// <summary>The session log. Immutable, any thread.</summary>
public sealed record LogConfiguration
{
    /// <summary>The layout of a session's line.</summary>
    public required LogFormatSetting Format { get; init; }
}

/// <summary>The layout of the session log.</summary>
public enum LogFormatSetting
{
    /// <summary>One JSON object per line.</summary>
    Json,

    /// <summary>HAProxy's TCP log layout.</summary>
    Tcplog,

    /// <summary>No session log.</summary>
    None,
}
