using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Health;

namespace FastTcpProxy.Control.Status;

/// <summary>Puts together how the services are, from those who know. Any thread but a loop.</summary>
public sealed class StatusReader(ServiceComposer composer, HealthMonitor health) : IStatusSource
{
    public ImmutableArray<ServiceStatus> Services => [.. composer.Services.Select(Read)];

    private ServiceStatus Read(ActiveService service)
    {
        ServiceConfiguration configuration = service.Configuration;
        (ImmutableArray<bool> serving, bool allOut) = composer.Look(service);
        return new ServiceStatus(
            configuration.Name,
            [.. configuration.Listen.Select(l => l.Text)],
            service.State.Sessions.Current,
            allOut,
            [.. configuration.Upstreams.Select((u, i) => new UpstreamStatus(u.Name, u.Address.Text, health.Of(service, i), serving[i]))]);
    }
}
