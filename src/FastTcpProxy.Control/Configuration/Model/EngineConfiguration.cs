namespace FastTcpProxy.Control.Configuration;

/// <summary>What holds for the process rather than for one service. Immutable, any thread.</summary>
public sealed record EngineConfiguration
{
    /// <summary>Socket threads; one per core unless the file or the command line says otherwise.</summary>
    public required int Threads { get; init; }

    /// <summary>The bound on the sessions of all services together.</summary>
    public required int MaxSessions { get; init; }

    /// <summary>How long sessions may go on after the first SIGTERM before they are reset. Never zero.</summary>
    public required TimeSpan DrainTimeout { get; init; }
}
