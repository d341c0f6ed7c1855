using System.Collections.Immutable;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Status;

/// <summary>A service at one moment. Immutable.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Listen">Its addresses, as configured.</param>
/// <param name="Sessions">How many it has now.</param>
/// <param name="IsAllDown">Whether every enabled upstream is down, so that <c>allDown</c> decides.</param>
/// <param name="Order">The order that an operator has set, or null.</param>
/// <param name="Upstreams">In the order in which they are tried.</param>
public sealed record ServiceStatus(
    string Name, ImmutableArray<string> Listen, int Sessions, bool IsAllDown, OrderOverride? Order,
    ImmutableArray<UpstreamStatus> Upstreams)
{
    /// <summary>What a client that connects now gets.</summary>
    public ServiceReadiness Readiness =>
        Upstreams.Any(u => u is { IsServing: true, IsTriedAlthoughDown: false }) ? ServiceReadiness.Ready
        : Upstreams.Any(u => u.IsServing) ? ServiceReadiness.Degraded
        : ServiceReadiness.NotReady;
}

/// <summary>What clients of a service get, as far as is known. The worse, the greater.</summary>
public enum ServiceReadiness : byte
{
    /// <summary>They are proxied to an upstream that has an address and is not known to be down.</summary>
    Ready,

    /// <summary>Every upstream that could serve is down, and they are tried nevertheless (<c>allDown: try-in-order</c>).</summary>
    Degraded,

    /// <summary>They are turned away.</summary>
    NotReady,
}
