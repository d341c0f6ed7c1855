using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// The running services, and the only publisher of what the engine serves: configuration, addresses of names, health and the operators'
/// overrides come together here. Any thread but a loop; one change at a time.
/// </summary>
public sealed class ServiceComposer
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, ImmutableArray<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;
    private ActiveService[] _services = [];
    private OverrideSnapshot _overrides = OverrideSnapshot.Empty;

    /// <summary>None of the DNS names is resolved yet, no upstream checked, and nothing overridden.</summary>
    /// <param name="configuration">What is to be served.</param>
    /// <param name="time">The system's clock when null.</param>
    public ServiceComposer(ProxyConfiguration configuration, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _time = time ?? TimeProvider.System;
        Apply(Plan(configuration), OverrideSnapshot.Empty);
    }

    /// <summary>Other overrides or addresses are in force. Called by the thread that has put them there, out of the lock.</summary>
    public event Action? Changed;

    /// <summary>In the order of the configuration.</summary>
    public ImmutableArray<ActiveService> Services => [.. Volatile.Read(ref _services)];

    /// <summary>Plans the services of another configuration. Changes nothing.</summary>
    public ImmutableArray<PlannedService> Plan(ProxyConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Dictionary<string, ActiveService> known = Services.ToDictionary(s => s.Name, StringComparer.Ordinal);
        lock (_changing)
        {
            return [.. configuration.Services.Select(
                s => new PlannedService(known.GetValueOrDefault(s.Name) ?? new ActiveService(s, AddressesOf, _time), s))];
        }
    }

    /// <summary>Puts a plan in force, and with it the overrides that hold beside it, for the sessions that begin from now on.</summary>
    public void Apply(ImmutableArray<PlannedService> plan, OverrideSnapshot overrides)
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
    public void SetOverrides(OverrideSnapshot overrides)
    {
        lock (_changing)
        {
            _overrides = overrides;
            foreach (ActiveService service in _services) service.Publish(overrides);
        }
        Changed?.Invoke();
    }

    /// <summary>
    /// Gives a DNS name's addresses to all upstreams that have it or come to have it, for the sessions that begin from now on.
    /// </summary>
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
        Changed?.Invoke();
    }

    /// <summary>Forgets the addresses of a name that no upstream has any more.</summary>
    public void ForgetAddresses(string name)
    {
        lock (_changing) _addresses.Remove(name);
    }

    /// <summary>
    /// Puts in force what a check has found out, for the sessions that begin from now on. Not where something else is known since the check
    /// began: a reload has given the upstream another address, or no check any more.
    /// </summary>
    /// <param name="upstream">Which.</param>
    /// <param name="before">What was known when the check began.</param>
    /// <param name="after">What is known now.</param>
    /// <returns>Whether it is in force.</returns>
    public bool TrySetHealth(ActiveUpstream upstream, UpstreamHealth before, UpstreamHealth after)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        lock (_changing)
        {
            if (!ReferenceEquals(upstream.Health, before)) return false;
            upstream.Health = after;
            if (after.State == HealthState.Up)
            {
                if (before.State == HealthState.Down) upstream.FoundUp();
                else upstream.ProbeSoon();
            }
            if (before.IsServing != after.IsServing) upstream.Service.Publish(_overrides);
            return true;
        }
    }

    private ImmutableArray<IPAddress> AddressesOf(string name) => _addresses.GetValueOrDefault(name, []);
}

/// <summary>A service of a configuration that is about to be in force. Immutable.</summary>
/// <param name="Service">The one that runs under this name already, or a new one.</param>
/// <param name="Configuration">What it is to become.</param>
public sealed record PlannedService(ActiveService Service, ServiceConfiguration Configuration)
{
    /// <summary>The service as the engine listens for it.</summary>
    public ListenPlan ToListenPlan() => new(Service.State, [.. Configuration.Listen.Select(l =>
        l.Path is { } path ? new ListenAddress(path, l.Permissions) : new ListenAddress(l.EndPoint!, l.DualStack))]);
}
