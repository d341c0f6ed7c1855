using System.Collections.Immutable;

namespace FastTcpProxy.Control.Status;

/// <summary>Tells how the proxy is. Any thread but a loop; never blocks.</summary>
public interface IStatusSource
{
    /// <summary>Every service, in the order of the configuration.</summary>
    ImmutableArray<ServiceStatus> Services { get; }
}
