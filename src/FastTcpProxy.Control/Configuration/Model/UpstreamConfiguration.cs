using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>One upstream of a service. Immutable, any thread.</summary>
public sealed record UpstreamConfiguration
{
    /// <summary>Unique in its service. When the file gives none it is the text of the address.</summary>
    public required string Name { get; init; }

    /// <summary>Where to connect.</summary>
    public required ConfiguredUpstreamAddress Address { get; init; }

    /// <summary>The mode in force: the upstream's own, or that of its service.</summary>
    public required HeaderMode Mode { get; init; }

    /// <summary>Whether it gets clients as far as the configuration is concerned; an operator can say otherwise at run time.</summary>
    public required bool Enabled { get; init; }

    /// <summary>How it is checked: by the service's <c>healthCheck</c> with its own keys in their place; null when it is not.</summary>
    public HealthCheckConfiguration? HealthCheck { get; init; }
}
