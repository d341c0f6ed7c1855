using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The warning about a service when none of its upstreams is up. Not escaped. Pure, any thread.</summary>
internal static class LeftText
{
    /// <summary>Upstreams that are named; of more, the status has the rest.</summary>
    private const int NamedMax = 8;

    /// <summary>A sentence for people; null while an upstream is up.</summary>
    public static string? Warning(ServiceDocument service)
    {
        string left = string.Join("; ", service.Upstreams.Take(NamedMax).Select(u => $"{u.Name}: {u.Why}"))
            + (service.Upstreams.Length > NamedMax ? "; ..." : "");
        return service.Readiness switch
        {
            "ready" => null,
            "degraded" => $"no upstream of {service.Name} is up: "
                + $"its new clients are proxied to {Names(service.Upstreams)} nevertheless; why: {left}",
            _ => $"no upstream of {service.Name} serves: its new clients are refused; why: {left}",
        };
    }

    private static string Names(ImmutableArray<UpstreamDocument> upstreams) =>
        string.Join(", ", upstreams.Where(u => u.Serving).Take(NamedMax).Select(u => u.Name));
}
