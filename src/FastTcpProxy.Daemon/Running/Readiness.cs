using System.Collections.Immutable;
using FastTcpProxy.Control.Status;

namespace FastTcpProxy.Daemon.Running;

/// <summary>Whether somebody in front should send clients here. Pure, any thread.</summary>
internal static class Readiness
{
    /// <summary>What is not ready, a line each, for people; empty when clients of every service are served.</summary>
    public static ImmutableArray<string> NotReady(ProcessState state, ImmutableArray<ServiceStatus> services)
    {
        ImmutableArray<string>.Builder lines = ImmutableArray.CreateBuilder<string>();
        if (state == ProcessState.Starting) lines.Add("the process is starting");
        if (state == ProcessState.Draining) lines.Add("the process is draining: it takes no new clients");
        foreach (ServiceStatus service in services)
        {
            if (!service.Upstreams.Any(u => u.IsServing)) lines.Add($"service {service.Name}: no upstream serves ({Why(service)})");
        }
        return lines.ToImmutable();
    }

    private static string Why(ServiceStatus service) => string.Join("; ", service.Upstreams.Select(u => $"{u.Configuration.Name}: {u.Why}"));
}
