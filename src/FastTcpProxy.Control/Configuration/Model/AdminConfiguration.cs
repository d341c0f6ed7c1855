namespace FastTcpProxy.Control.Configuration;

/// <summary>The administrative interface. Immutable, any thread.</summary>
public sealed record AdminConfiguration
{
    /// <summary>The absolute path of its UNIX socket, or null for none.</summary>
    public string? Socket { get; init; }

    /// <summary>The absolute path of the directory in which the operator's state outlives a restart, or null when it does not.</summary>
    public string? StateDirectory { get; init; }
}
