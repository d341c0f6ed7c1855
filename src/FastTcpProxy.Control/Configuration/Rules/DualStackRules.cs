using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>
/// Decides which listeners take both families: <c>[::]:port</c>, unless <c>0.0.0.0:port</c> stands anywhere in the file. Pure, any
/// thread.
/// </summary>
internal static class DualStackRules
{
    public static ProxyConfiguration Apply(ProxyConfiguration configuration)
    {
        HashSet<int> ipv4Wildcards = ListenRules.Ipv4WildcardPorts(ListenRules.All(configuration));
        ImmutableArray<ConfiguredListenAddress> Resolved(ImmutableArray<ConfiguredListenAddress> listens) =>
            [.. listens.Select(listen => Resolve(listen, ipv4Wildcards))];
        return configuration with
        {
            Services = [.. configuration.Services.Select(service => service with { Listen = Resolved(service.Listen) })],
            Admin = configuration.Admin is { } admin ? admin with { Listen = Resolved(admin.Listen) } : null,
        };
    }

    private static ConfiguredListenAddress Resolve(ConfiguredListenAddress listen, HashSet<int> ipv4Wildcards) =>
        IPAddress.IPv6Any.Equals(listen.EndPoint?.Address)
            ? listen with { DualStack = !ipv4Wildcards.Contains(listen.EndPoint.Port) }
            : listen;
}
