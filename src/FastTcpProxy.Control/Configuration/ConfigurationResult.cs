using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration;

/// <summary>The result of reading a configuration. Immutable, any thread.</summary>
public sealed record ConfigurationResult
{
    /// <summary>The configuration, or null exactly when there are <see cref="Errors"/>.</summary>
    public ProxyConfiguration? Configuration { get; init; }

    /// <summary>
    /// All errors, by position; at most <see cref="ConfigurationLimits.ProblemsMax"/> and one that counts the rest.
    /// </summary>
    public required ImmutableArray<ConfigurationError> Errors { get; init; }

    /// <summary>All warnings, by position, with the same bound. Reported beside errors too.</summary>
    public required ImmutableArray<ConfigurationError> Warnings { get; init; }
}
