using FastTcpProxy.Engine.Guards.Sources;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>Whom a service serves, and how much each may have. Immutable, any thread.</summary>
public sealed record GuardPolicy
{
    /// <summary>Everybody is served.</summary>
    public static GuardPolicy None { get; } = new();

    /// <summary>Networks of the configuration that are allowed or denied; null: none.</summary>
    public GuardNetworks? Networks { get; init; }

    /// <summary>Whether clients are served that no entry allows or denies.</summary>
    public bool ServesUnlisted { get; init; } = true;

    /// <summary>What one source may have, and what follows from refusals.</summary>
    public SourceLimits PerSource { get; init; }

    /// <summary>How many bits of an IPv6 address are its source: 1 to 128.</summary>
    public int Ipv6Prefix { get; init; } = SourceKey.Ipv6PrefixDefault;

    /// <summary>Whether the service counts its sources by itself, and not together with the other services.</summary>
    public bool HasOwnSources { get; init; }

    /// <summary>What all clients together may have.</summary>
    public TotalLimits Total { get; init; }

    /// <summary>Whether the service counts that by itself, and not together with the other services.</summary>
    public bool HasOwnTotal { get; init; }

    /// <summary>How a client learns that it is refused.</summary>
    public RefusalAction OnRefuse { get; init; }

    internal bool LimitsSources => PerSource.SessionsMax > 0 || PerSource.Connections.IsLimited || PerSource.Ban.After > 0;
}

/// <summary>What all clients together may have. The default value limits nothing. Immutable, any thread.</summary>
/// <param name="Connections">Connections a second, and at once.</param>
/// <param name="PendingConnectsMax">Sessions that wait for an upstream to accept; 0: no limit.</param>
public readonly record struct TotalLimits(TokenRate Connections, int PendingConnectsMax);

/// <summary>How a client learns that it is refused.</summary>
public enum RefusalAction : byte
{
    /// <summary>By a reset.</summary>
    Reset,

    /// <summary>By a clean end of the stream.</summary>
    Close,

    /// <summary>Not at all: nothing is sent, as far as the kernel lets the process do that.</summary>
    Drop,
}
