using System.Collections.Immutable;
using FastTcpProxy.Control.Status;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>
/// Whether a balancer in front should send clients here: what clients get. The worst service decides, because the caller cannot tell the
/// services apart. It has no effect inside the process: a proxy starts, takes over and tells the service manager that it is ready whatever
/// the state of its upstreams. Immutable.
/// </summary>
/// <param name="State">That of the process and all its services.</param>
/// <param name="NotReady">Why clients are refused, a line for each cause, for people; empty unless it is not ready.</param>
/// <param name="Degraded">The services whose clients are proxied to upstreams that are down.</param>
internal sealed record Readiness(ServiceReadiness State, ImmutableArray<string> NotReady, ImmutableArray<string> Degraded)
{
    public static Readiness Of(ProcessState state, ImmutableArray<ServiceStatus> services)
    {
        ImmutableArray<string>.Builder lines = ImmutableArray.CreateBuilder<string>();
        if (state == ProcessState.Starting) lines.Add("the process is starting");
        if (state == ProcessState.Draining) lines.Add("the process is draining: it takes no new clients");
        lines.AddRange(Of(services, ServiceReadiness.NotReady, "no upstream serves"));
        ImmutableArray<string> degraded =
            [.. Of(services, ServiceReadiness.Degraded, "no upstream is up, and those that are enabled are tried nevertheless")];
        ServiceReadiness worst = lines.Count > 0 ? ServiceReadiness.NotReady : degraded.IsEmpty ? ServiceReadiness.Ready
            : ServiceReadiness.Degraded;
        return new Readiness(worst, lines.ToImmutable(), degraded);
    }

    private static IEnumerable<string> Of(ImmutableArray<ServiceStatus> services, ServiceReadiness readiness, string what) =>
        services.Where(s => s.Readiness == readiness).Select(s => $"service {s.Name}: {what} ({Why(s)})");

    private static string Why(ServiceStatus service) =>
        string.Join("; ", service.Upstreams.Select(u => $"{u.Configuration.Name}: {u.Why}"));
}
