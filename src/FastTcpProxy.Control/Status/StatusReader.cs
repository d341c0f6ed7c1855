using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health;

namespace FastTcpProxy.Control.Status;

/// <summary>Puts together how the services are, from those who know. Any thread but a loop; never blocks.</summary>
public sealed class StatusReader(ServiceComposer composer, HealthMonitor health) : IStatusSource
{
    /// <summary>Every service, in the order of the configuration.</summary>
    public ImmutableArray<ServiceStatus> Services => [.. composer.Services.Select(Read)];

    private ServiceStatus Read(ActiveService service)
    {
        Rotation rotation = service.Rotation;
        return new ServiceStatus(
            service.Name,
            [.. rotation.Configuration.Listen.Select(l => l.Text)],
            service.State.Sessions.Current,
            rotation.IsAllOut,
            rotation.Order,
            [.. rotation.Places.Select(p => Read(p, rotation))]);
    }

    private UpstreamStatus Read(Place place, Rotation rotation)
    {
        UpstreamHealth known = health.Of(place.Upstream);
        int number = rotation.Configuration.Upstreams.IndexOf(place.Configuration) + 1;
        return new UpstreamStatus(place.Configuration, number, place.Override, known, place.IsServing, ServingText.Explain(place, known), place.Upstream.Activity.Sessions.Current);
    }
}
