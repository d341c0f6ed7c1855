using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// Decides which listeners take both families: <c>[::]:port</c>, unless <c>0.0.0.0:port</c> stands anywhere in the file. Pure, any
/// thread.
/// </summary>
internal static class DualStackRules
{
    public static ImmutableArray<ServiceConfiguration> Apply(ImmutableArray<ServiceConfiguration> services)
    {
        HashSet<int> ipv4Wildcards = ListenRules.Ipv4WildcardPorts(services.SelectMany(service => service.Listen));
        return [.. services.Select(service => service with
        {
            Listen = [.. service.Listen.Select(listen => Resolve(listen, ipv4Wildcards))],
        })];
    }

    private static ListenAddress Resolve(ListenAddress listen, HashSet<int> ipv4Wildcards) =>
        IPAddress.IPv6Any.Equals(listen.EndPoint?.Address)
            ? listen with { DualStack = !ipv4Wildcards.Contains(listen.EndPoint.Port) }
            : listen;
}
