using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Activation;

/// <summary>A service of a configuration that is about to be in force. Immutable.</summary>
/// <param name="Service">The one that runs under this name already, or a new one.</param>
/// <param name="Configuration">What it is to become.</param>
public sealed record PlannedService(ActiveService Service, ServiceConfiguration Configuration);
