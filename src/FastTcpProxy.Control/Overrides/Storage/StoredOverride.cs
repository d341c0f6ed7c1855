using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Overrides.Storage;

/// <summary>An override of an upstream, and what the configuration said of the upstream when it was set: it yields when that is not so any more. Immutable.</summary>
/// <param name="Set">The override.</param>
/// <param name="Address">The upstream's, as configured.</param>
/// <param name="Enabled">The upstream's, as configured.</param>
internal sealed record StoredOverride(UpstreamOverride Set, string Address, bool Enabled)
{
    public bool IsAbout(UpstreamConfiguration upstream) => upstream.Address.Text == Address && upstream.Enabled == Enabled;
}

/// <summary>An override of an order, and the order that was configured when it was set. Immutable.</summary>
/// <param name="Set">The override.</param>
/// <param name="Configured">The names of the upstreams in the order of the configuration.</param>
internal sealed record StoredOrder(OrderOverride Set, ImmutableArray<string> Configured)
{
    public bool IsAbout(ServiceConfiguration service) => Configured.SequenceEqual(service.Upstreams.Select(u => u.Name));
}
