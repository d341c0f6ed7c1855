using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Rules;

/// <summary>
/// Checks the addresses of one service's upstreams: none may be the service itself (an error), and no two should be the same (a warning).
/// Pure, any thread.
/// </summary>
internal static class UpstreamRules
{
    public static void Check(ImmutableArray<ServiceConfiguration> services, BindingContext context)
    {
        foreach (ServiceConfiguration service in services)
            Check(service, context);
    }

    private static void Check(ServiceConfiguration service, BindingContext context)
    {
        var first = new Dictionary<string, UpstreamConfiguration>(StringComparer.Ordinal);
        foreach (UpstreamConfiguration upstream in service.Upstreams)
        {
            if (context.Origin(upstream.Address)?.At is not { } at)
                continue;
            string identity = upstream.Address.Identity;
            if (!first.TryAdd(identity, upstream) && first[identity].Name != upstream.Name)
                context.Problems.Warning(at, ConfigurationCodes.SameUpstreamAddress,
                    $"upstream {Wording.Quote(first[identity].Name)} has the address \"{upstream.Address.Text}\" already, and failover "
                        + "between them has no effect, "
                    + "expected another address");
            if (service.Listen.FirstOrDefault(listen => Reaches(upstream.Address, listen)) is { } self)
                context.Problems.Error(at, ConfigurationCodes.UpstreamIsListener,
                    $"{Wording.Quote(upstream.Address.Text)} is this service itself, which listens on {Wording.Quote(self.Text)}, and each "
                        + "session would open another, "
                    + "expected the address of a server");
        }
    }

    private static bool Reaches(ConfiguredUpstreamAddress upstream, ConfiguredListenAddress listen)
    {
        if (upstream.Path is not null || upstream.EndPoint is null || listen.EndPoint is null)
            return upstream.Path is not null && upstream.Path == listen.Path;
        if (upstream.EndPoint.Equals(listen.EndPoint))
            return true;
        return upstream.Port == listen.EndPoint.Port && IPAddress.IsLoopback(upstream.EndPoint.Address)
            && AddressSyntax.IsWildcard(listen.EndPoint.Address)
            && (listen.DualStack || upstream.EndPoint.AddressFamily == listen.EndPoint.AddressFamily);
    }
}
