using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// The services that run, and the only one who publishes what the engine serves: configuration, addresses of names, health and the operators' overrides come
/// together here. Any thread but a loop; one change at a time.
/// </summary>
public sealed class ServiceComposer
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, ImmutableArray<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private ActiveService[] _services = [];
    private OverrideSet _overrides = OverrideSet.Empty;

    /// <summary>None of the DNS names is resolved yet, no upstream checked, and nothing overridden.</summary>
    public ServiceComposer(ProxyConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Apply(Plan(configuration), OverrideSet.Empty);
    }

    /// <summary>In the order of the configuration.</summary>
    public ImmutableArray<ActiveService> Services => [.. Volatile.Read(ref _services)];

    /// <summary>What each service of another configuration would be. Changes nothing.</summary>
    public ImmutableArray<PlannedService> Plan(ProxyConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Dictionary<string, ActiveService> known = Services.ToDictionary(s => s.Name, StringComparer.Ordinal);
        lock (_changing)
        {
            return [.. configuration.Services.Select(s => new PlannedService(known.GetValueOrDefault(s.Name) ?? new ActiveService(s, AddressesOf), s))];
        }
    }

    /// <summary>Puts a plan in force, and with it the overrides that hold beside it, for the sessions that begin from now on.</summary>
    public void Apply(ImmutableArray<PlannedService> plan, OverrideSet overrides)
    {
        lock (_changing)
        {
            _overrides = overrides;
            foreach (PlannedService planned in plan)
            {
                planned.Service.Reconfigure(planned.Configuration, AddressesOf);
                planned.Service.Publish(planned.Configuration, overrides);
            }
            Volatile.Write(ref _services, [.. plan.Select(p => p.Service)]);
        }
    }

    /// <summary>Puts other overrides in force, for the sessions that begin from now on.</summary>
    public void SetOverrides(OverrideSet overrides)
    {
        lock (_changing)
        {
            _overrides = overrides;
            foreach (ActiveService service in _services) service.Publish(overrides);
        }
    }

    /// <summary>Gives a DNS name's addresses to all upstreams that have it or come to have it, for the sessions that begin from now on.</summary>
    public void SetAddresses(string name, ImmutableArray<IPAddress> addresses)
    {
        lock (_changing)
        {
            _addresses[name] = addresses;
            foreach (ActiveService service in _services)
            {
                bool found = false;
                foreach (ActiveUpstream upstream in service.Upstreams)
                {
                    if (!string.Equals(upstream.Configuration.Address.DnsName, name, StringComparison.OrdinalIgnoreCase)) continue;
                    upstream.SetAddresses(addresses);
                    found = true;
                }
                if (found) service.Publish(_overrides);
            }
        }
    }

    /// <summary>Forgets the addresses of a name that nobody has any more.</summary>
    public void ForgetAddresses(string name)
    {
        lock (_changing) _addresses.Remove(name);
    }

    /// <summary>Takes an upstream out, or puts it back in its place, for the sessions that begin from now on.</summary>
    /// <returns>Whether health has taken out every upstream of the service that is enabled.</returns>
    public bool SetHealthy(ActiveUpstream upstream, bool healthy)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        lock (_changing)
        {
            if (upstream.IsHealthy != healthy)
            {
                upstream.IsHealthy = healthy;
                upstream.Service.Publish(_overrides);
            }
            return upstream.Service.Rotation.IsAllOut;
        }
    }

    private ImmutableArray<IPAddress> AddressesOf(string name) => _addresses.GetValueOrDefault(name, []);
}

/// <summary>A service of a configuration that is about to be in force. Immutable.</summary>
/// <param name="Service">The one that runs under this name already, or a new one.</param>
/// <param name="Configuration">What it is to become.</param>
public sealed record PlannedService(ActiveService Service, ServiceConfiguration Configuration);
