using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// A service that runs: what was configured, what is known of its upstreams, and what the engine serves. All but the immutable members belong to
/// <see cref="ServiceComposer"/>, under its lock.
/// </summary>
public sealed class ActiveService
{
    // Kept from publication to publication: an address learns how its server behaves.
    private readonly UpstreamDefinition[] _definitions;
    private readonly bool[] _healthy;

    internal ActiveService(ServiceConfiguration configuration)
    {
        Configuration = configuration;
        _definitions = [.. configuration.Upstreams.Select(u => ServiceActivation.ToUpstream(u, []))];
        _healthy = [.. configuration.Upstreams.Select(u => u.HealthCheck?.InitiallyServing ?? true)];
        State = new ServiceState(Compose());
    }

    public ServiceConfiguration Configuration { get; }

    /// <summary>The engine's.</summary>
    public ServiceState State { get; }

    /// <summary>Whether health leaves no upstream, so that <c>allDown</c> decides.</summary>
    internal bool IsAllOut => !_healthy.Contains(true);

    /// <summary>Gives every upstream of this DNS name its addresses. False: none has that name.</summary>
    internal bool SetAddresses(string name, ImmutableArray<IPAddress> addresses)
    {
        bool found = false;
        for (int i = 0; i < _definitions.Length; i++)
        {
            UpstreamConfiguration upstream = Configuration.Upstreams[i];
            if (!string.Equals(upstream.Address.DnsName, name, StringComparison.OrdinalIgnoreCase)) continue;
            _definitions[i] = ServiceActivation.ToUpstream(upstream, addresses);
            found = true;
        }
        return found;
    }

    /// <summary>False: nothing has changed.</summary>
    internal bool SetHealthy(int upstream, bool healthy)
    {
        if (_healthy[upstream] == healthy) return false;
        _healthy[upstream] = healthy;
        return true;
    }

    /// <summary>Whether new clients can get to an upstream now.</summary>
    internal bool IsServing(int upstream) => _healthy[upstream] || (IsAllOut && Configuration.AllDown == AllDownSetting.TryInOrder);

    /// <summary>What the engine is to serve now: the upstreams that serve, in the order of the list.</summary>
    internal ServiceDefinition Compose() =>
        ServiceActivation.ToDefinition(Configuration, [.. _definitions.Where((_, index) => IsServing(index))]);
}
