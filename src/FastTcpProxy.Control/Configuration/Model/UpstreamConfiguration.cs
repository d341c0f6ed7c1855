namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>One upstream of a service. Immutable, any thread.</summary>
public sealed record UpstreamConfiguration
{
    /// <summary>Unique in its service. When the file gives none it is the text of the address.</summary>
    public required string Name { get; init; }

    /// <summary>Where to connect.</summary>
    public required UpstreamAddress Address { get; init; }

    /// <summary>The mode in force: the upstream's own, or that of its service.</summary>
    public required ModeSetting Mode { get; init; }

    /// <summary>Whether it gets clients as far as the configuration is concerned; an operator can say otherwise at run time.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How it is checked: by the service's <c>healthCheck</c> with its own keys in their place; null when it is not.</summary>
    public HealthCheckConfiguration? HealthCheck { get; init; }
}

/// <summary>How an upstream is told who the client is.</summary>
public enum ModeSetting
{
    /// <summary>A PROXY protocol header of version 2 goes first.</summary>
    ProxyV2,

    /// <summary>A PROXY protocol header of version 1 goes first.</summary>
    ProxyV1,

    /// <summary>Nothing is said.</summary>
    Raw,
}
