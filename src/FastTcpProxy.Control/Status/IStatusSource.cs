using System.Collections.Immutable;

namespace FastTcpProxy.Control.Status;

/// <summary>Reports the state of the proxy. Any thread but a loop; never blocks.</summary>
public interface IStatusSource
{
    /// <summary>Every service, in the order of the configuration.</summary>
    ImmutableArray<ServiceStatus> Services { get; }
}
