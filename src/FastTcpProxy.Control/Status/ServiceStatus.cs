using System.Collections.Immutable;

namespace FastTcpProxy.Control.Status;

/// <summary>A service at one moment. Immutable.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Listen">Its addresses, as configured.</param>
/// <param name="Sessions">How many it has now.</param>
/// <param name="AllOut">Whether health has taken every upstream out, so that <c>allDown</c> decides.</param>
/// <param name="Upstreams">In the order of the list.</param>
public sealed record ServiceStatus(string Name, ImmutableArray<string> Listen, int Sessions, bool AllOut, ImmutableArray<UpstreamStatus> Upstreams);
