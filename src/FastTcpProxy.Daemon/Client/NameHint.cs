using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Admin.Documents;

namespace FastTcpProxy.Daemon.Client;

/// <summary>Whom somebody meant who named a service or an upstream that is not there. Pure, any thread.</summary>
internal static class NameHint
{
    /// <summary>"; did you mean primary?", or nothing when all names are known or none is near.</summary>
    /// <param name="names">The service, null where none was named, and upstreams of it, or of any.</param>
    /// <param name="services">What there is.</param>
    public static string For((string? Service, ImmutableArray<string> Upstreams) names, ImmutableArray<ServiceDocument> services)
    {
        ServiceDocument? service = services.FirstOrDefault(s => s.Name == names.Service);
        if (names.Service is { } wanted && service is null) return Mean(Spelling.Nearest(wanted, services.Select(s => s.Name)));
        string[] known = [.. (service is null ? services : [service]).SelectMany(s => s.Upstreams).Select(u => u.Name)];
        return names.Upstreams.FirstOrDefault(u => !known.Contains(u)) is { } stranger ? Mean(Spelling.Nearest(stranger, known)) : "";
    }

    private static string Mean(string? nearest) => nearest is null ? "" : $"; did you mean {nearest}?";
}
