using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// The services that run, and the only one who publishes what the engine serves: addresses of names and health come together here. Any
/// thread but a loop; one change at a time.
/// </summary>
public sealed class ServiceComposer
{
    private readonly Lock _changing = new();

    /// <summary>None of the DNS names is resolved yet, and no upstream checked.</summary>
    public ServiceComposer(ProxyConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Services = [.. configuration.Services.Select(s => new ActiveService(s))];
    }

    /// <summary>In the order of the configuration.</summary>
    public ImmutableArray<ActiveService> Services { get; }

    /// <summary>Gives a DNS name's addresses to all upstreams that have it, for the sessions that begin from now on.</summary>
    public void SetAddresses(string name, ImmutableArray<IPAddress> addresses)
    {
        lock (_changing)
        {
            foreach (ActiveService service in Services)
            {
                if (service.SetAddresses(name, addresses)) service.State.Publish(service.Compose());
            }
        }
    }

    /// <summary>Takes an upstream out, or puts it back in its place, for the sessions that begin from now on.</summary>
    /// <returns>Whether the service has an upstream left that is not out.</returns>
    public bool SetHealthy(ActiveService service, int upstream, bool healthy)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_changing)
        {
            if (service.SetHealthy(upstream, healthy)) service.State.Publish(service.Compose());
            return !service.IsAllOut;
        }
    }

    /// <summary>Whether new clients can get to each of the upstreams now, and whether all are out.</summary>
    public (ImmutableArray<bool> Serving, bool AllOut) Look(ActiveService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        lock (_changing)
        {
            return ([.. Enumerable.Range(0, service.Configuration.Upstreams.Length).Select(service.IsServing)], service.IsAllOut);
        }
    }
}
