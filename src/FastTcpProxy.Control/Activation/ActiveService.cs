using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// A running service: the same object as long as the configuration has a service of this name. It holds what was configured, what is known
/// of its upstreams, and what the engine serves. <see cref="State"/> and <see cref="Rotation"/> are for any thread; all else belongs to
/// <see cref="ServiceComposer"/>, under its lock.
/// </summary>
public sealed class ActiveService
{
    private readonly TimeProvider _time;
    private Rotation _rotation;

    /// <param name="configuration">What was configured.</param>
    /// <param name="addressesOf">The addresses of a DNS name, as far as they are known.</param>
    /// <param name="time">The clock.</param>
    internal ActiveService(ServiceConfiguration configuration, Func<string, ImmutableArray<IPAddress>> addressesOf, TimeProvider time)
    {
        _time = time;
        Name = configuration.Name;
        Upstreams = [.. configuration.Upstreams.Select(u => new ActiveUpstream(this, u, AddressesOf(u, addressesOf), time))];
        _rotation = Rotate(configuration, OverrideSnapshot.Empty);
        State = new ServiceState(ToDefinition(_rotation));
        State.Know(AllOf(_rotation));
    }

    public ServiceConfiguration Configuration => Rotation.Configuration;

    public string Name { get; }

    /// <summary>The engine's.</summary>
    public ServiceState State { get; }

    /// <summary>How its upstreams are tried now.</summary>
    public Rotation Rotation => Volatile.Read(ref _rotation);

    /// <summary>In the order of the configuration.</summary>
    internal ImmutableArray<ActiveUpstream> Upstreams { get; private set; }

    /// <summary>Composes and publishes what the engine serves, for the sessions that begin from now on. Does nothing when the result would
    /// be the same.</summary>
    internal void Publish(OverrideSnapshot overrides) => Publish(Configuration, overrides);

    internal void Publish(ServiceConfiguration configuration, OverrideSnapshot overrides)
    {
        Rotation rotation = Rotate(configuration, overrides);
        if (rotation == Rotation) return;
        foreach (Place place in rotation.Places)
        {
            if (place.IsServing && Rotation.Places.FirstOrDefault(p => ReferenceEquals(p.Upstream, place.Upstream)) is { IsDisabled: true })
                place.Upstream.Return();
        }
        Volatile.Write(ref _rotation, rotation);
        State.Know(AllOf(rotation));
        ServiceDefinition definition = ToDefinition(rotation);
        if (definition != State.Definition) State.Publish(definition);
    }

    /// <summary>Takes over another configuration: upstreams that keep their name stay the same. Nothing is in force before
    /// <see cref="Publish(ServiceConfiguration, OverrideSnapshot)"/>.</summary>
    internal void Reconfigure(ServiceConfiguration configuration, Func<string, ImmutableArray<IPAddress>> addressesOf)
    {
        Dictionary<string, ActiveUpstream> known = Upstreams.ToDictionary(u => u.Name, StringComparer.Ordinal);
        ImmutableArray<ActiveUpstream>.Builder upstreams = ImmutableArray.CreateBuilder<ActiveUpstream>(configuration.Upstreams.Length);
        foreach (UpstreamConfiguration upstream in configuration.Upstreams)
        {
            ImmutableArray<IPAddress> addresses = AddressesOf(upstream, addressesOf);
            if (known.TryGetValue(upstream.Name, out ActiveUpstream? same)) same.Reconfigure(upstream, addresses);
            upstreams.Add(same ?? new ActiveUpstream(this, upstream, addresses, _time));
        }
        Upstreams = upstreams.MoveToImmutable();
    }

    private static ImmutableArray<IPAddress> AddressesOf(UpstreamConfiguration upstream,
        Func<string, ImmutableArray<IPAddress>> addressesOf) =>
        upstream.Address.DnsName is { } name ? addressesOf(name) : [];

    private Rotation Rotate(ServiceConfiguration configuration, OverrideSnapshot overrides)
    {
        OrderOverride? order = overrides.Order(configuration.Name);
        ImmutableArray<ActiveUpstream> inOrder = RotationRule.Order(Upstreams, order?.Names ?? [], u => u.Name);
        bool anyHealthy = inOrder.Any(
            u => u.Health.IsServing && u.HasAddress && RotationRule.IsEnabled(u.Configuration.Enabled, overrides.Of(Name, u.Name)?.State));
        return new Rotation(configuration, order, ImmutableArray.CreateRange(inOrder, Decide));

        Place Decide(ActiveUpstream upstream)
        {
            UpstreamOverride? set = overrides.Of(Name, upstream.Name);
            return new Place(upstream, upstream.Configuration, upstream.Definition, set,
                RotationRule.Decide(upstream.Configuration.Enabled, set?.State, upstream.Health.IsServing, anyHealthy,
                    configuration.AllDown, upstream.HasAddress));
        }
    }

    private static ImmutableArray<UpstreamDefinition> AllOf(Rotation rotation) => [.. rotation.Places.Select(p => p.Definition)];

    private static ServiceDefinition ToDefinition(Rotation rotation) => new(rotation.Configuration.Settings)
    {
        Name = rotation.Configuration.Name,
        Upstreams = [.. rotation.Places.Where(p => p.IsTried).Select(p => p.Definition)],
    };
}
