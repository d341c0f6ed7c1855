using System.Collections.Immutable;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>A service and the addresses on which the engine is to listen for it. Immutable.</summary>
public sealed record ListenPlan(ServiceState State, ImmutableArray<ListenAddress> Listen);
