using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Status;

/// <summary>Collects the state of the services from its owners. Any thread but a loop; never blocks.</summary>
public sealed class StatusReader(ServiceComposer composer, IAddressBook? names = null) : IStatusSource
{
    /// <summary>Every service, in the order of the configuration.</summary>
    public ImmutableArray<ServiceStatus> Services => [.. composer.Services.Select(Read)];

    /// <summary>All that decides over a client of the service; null when there is no such service.</summary>
    /// <param name="name">Of the service.</param>
    /// <param name="process">What holds for all services.</param>
    /// <param name="look">What the guards say of the client at this service; null: they are not asked.</param>
    public ExplainFacts? Find(string name, ProcessFacts process, Func<ServiceState, GuardView>? look = null)
    {
        if (composer.Services.FirstOrDefault(s => s.Name == name) is not { } service) return null;
        Rotation rotation = service.Rotation;
        return new ExplainFacts(process, rotation.Configuration, service.State.Sessions.Current, rotation.Order,
            [.. rotation.Places.Select(p =>
            new Candidate(Read(p, rotation), [.. p.Definition.Addresses.Select(a => a.Text)], p.Upstream.Activity.LastAttempts()))])
        {
            Guards = look?.Invoke(service.State),
        };
    }

    private ServiceStatus Read(ActiveService service)
    {
        Rotation rotation = service.Rotation;
        return new ServiceStatus(
            service.Name,
            [.. rotation.Configuration.Listen.Select(l => l.Text)],
            service.State.Sessions.Current,
            rotation.IsAllDown,
            rotation.Order,
            [.. rotation.Places.Select(p => Read(p, rotation))]);
    }

    private UpstreamStatus Read(Place place, Rotation rotation)
    {
        UpstreamHealth known = place.Upstream.Health;
        int number = rotation.Configuration.Upstreams.Items.IndexOf(place.Configuration) + 1;
        string? error = null;
        if (place.Configuration.Address.DnsName is { } name) names?.Find(name, out error);
        return new UpstreamStatus(place.Configuration, number, place.Override, known, place.IsServing,
            ServingText.Explain(place, known, error), place.Upstream.Activity.Sessions)
        {
            Standing = place.Why == ServingReason.Healthy ? StandingText.Of(place) : "",
            IsTriedAlthoughDown = place.Why == ServingReason.TriedAlthoughDown,
        };
    }
}

/// <summary>Reports the state of the proxy. Any thread but a loop; never blocks.</summary>
public interface IStatusSource
{
    /// <summary>Every service, in the order of the configuration.</summary>
    ImmutableArray<ServiceStatus> Services { get; }
}
