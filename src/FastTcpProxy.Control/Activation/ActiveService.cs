using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Activation;

/// <summary>A service that runs: what was configured, and what the engine serves. Immutable itself; <see cref="State"/> belongs to the engine.</summary>
public sealed record ActiveService(ServiceConfiguration Configuration, ServiceState State);
