using System.Collections.Immutable;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>A service to start: what it serves, and where it listens.</summary>
public sealed record EngineService(ServiceState State, ImmutableArray<ListenAddress> Listen);
