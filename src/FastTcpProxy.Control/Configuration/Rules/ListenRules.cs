using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>
/// No connection may belong to two listeners. The kernel would let some overlaps through and give the connection to the narrower address,
/// others fail when they are bound. That depends on socket options that an operator does not see. So all overlaps are errors, in the whole
/// file. One pass with tables: the cost grows with the number of listeners only. Pure, any thread.
/// </summary>
internal static class ListenRules
{
    public static void Check(ProxyConfiguration configuration, BindingContext context)
    {
        ConfiguredListenAddress[] readable = [.. All(configuration).Where(listen => context.Origin(listen) is not null)];
        var first = new Dictionary<string, ConfiguredListenAddress>(StringComparer.Ordinal);
        var distinct = new List<ConfiguredListenAddress>();
        foreach (ConfiguredListenAddress listen in readable)
        {
            string identity = listen.EndPoint?.ToString() ?? listen.Text;
            if (first.TryAdd(identity, listen))
                distinct.Add(listen);
            else
                context.Problems.Error(At(listen, context), ConfigurationCodes.DuplicateListen,
                    $"{Wording.Quote(listen.Text)} is already listened on at {At(first[identity], context)}, expected each address once in "
                        + "the file");
        }
        CheckOverlaps(distinct, context);
    }

    /// <summary>The addresses of all services, and those of the administrative interface.</summary>
    public static IEnumerable<ConfiguredListenAddress> All(ProxyConfiguration configuration) =>
        configuration.Services.SelectMany(service => service.Listen).Concat(configuration.Admin?.Listen ?? []);

    /// <summary>Whether the file gives the IPv4 wildcard of a port, so that the IPv6 wildcard of the same port takes IPv6 only.</summary>
    public static HashSet<int> Ipv4WildcardPorts(IEnumerable<ConfiguredListenAddress> listens) =>
        [.. listens.Where(listen => IPAddress.Any.Equals(listen.EndPoint?.Address)).Select(listen => listen.EndPoint!.Port)];

    private static void CheckOverlaps(List<ConfiguredListenAddress> listens, BindingContext context)
    {
        HashSet<int> ipv4Wildcards = Ipv4WildcardPorts(listens);
        var claims = new Dictionary<(AddressFamily Family, int Port), ConfiguredListenAddress>();
        foreach (ConfiguredListenAddress wildcard in listens.Where(IsWildcard))
        {
            claims[(wildcard.EndPoint!.AddressFamily, wildcard.EndPoint.Port)] = wildcard;
            if (wildcard.EndPoint.AddressFamily == AddressFamily.InterNetworkV6 && !ipv4Wildcards.Contains(wildcard.EndPoint.Port))
                claims[(AddressFamily.InterNetwork, wildcard.EndPoint.Port)] = wildcard;
        }
        foreach (ConfiguredListenAddress listen in listens)
        {
            if (listen.EndPoint is { } endPoint && !IsWildcard(listen)
                && claims.TryGetValue((endPoint.AddressFamily, endPoint.Port), out ConfiguredListenAddress? wildcard))
                context.Problems.Error(At(listen, context), ConfigurationCodes.OverlappingListen,
                    $"\"{wildcard.Text}\" at {At(wildcard, context)} takes the connections of \"{listen.Text}\" too, expected one of the "
                        + "two");
        }
    }

    private static bool IsWildcard(ConfiguredListenAddress listen) =>
        listen.EndPoint is { } endPoint && AddressSyntax.IsWildcard(endPoint.Address);

    private static Position At(ConfiguredListenAddress listen, BindingContext context) => context.Origin(listen)!.At;
}
