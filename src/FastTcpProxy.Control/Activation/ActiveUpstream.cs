using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// An upstream of a running service: the same object for as long as its service has one of this name, whatever else a reload changes. All
/// but the public members belong to <see cref="ServiceComposer"/>, under its lock.
/// </summary>
public sealed class ActiveUpstream
{
    private UpstreamConfiguration _configuration;
    private readonly TimeProvider _time;
    private UpstreamDefinition _definition;
    private UpstreamHealth _health;
    private ImmutableArray<IPAddress> _addresses;

    internal ActiveUpstream(ActiveService service, UpstreamConfiguration configuration, ImmutableArray<IPAddress> addresses,
        TimeProvider time)
    {
        Service = service;
        _time = time;
        Since = time.GetUtcNow();
        _configuration = configuration;
        _addresses = addresses;
        _definition = ToDefinition();
        _health = Unknown();
    }

    public ActiveService Service { get; }

    public string Name => Configuration.Name;

    /// <summary>The one in force.</summary>
    public UpstreamConfiguration Configuration => Volatile.Read(ref _configuration);

    /// <summary>Its sessions and last attempts, also when its addresses change.</summary>
    public UpstreamActivity Activity { get; } = new();

    /// <summary>
    /// What checks have found out. It lives here and nowhere else; <see cref="ServiceComposer.TrySetHealth"/> changes it.
    /// </summary>
    public UpstreamHealth Health
    {
        get => Volatile.Read(ref _health);
        internal set => Volatile.Write(ref _health, value);
    }

    /// <summary>Kept from publication to publication: an address learns how its server behaves. To be read by any thread.</summary>
    internal UpstreamDefinition Definition
    {
        get => Volatile.Read(ref _definition);
        private set => Volatile.Write(ref _definition, value);
    }

    /// <summary>Whether there is an address to connect to: not while its name was never resolved.</summary>
    internal bool HasAddress => !Definition.Addresses.IsEmpty;

    /// <summary>Since when it is configured with this address. A name that was resolved once keeps its addresses, so one without addresses
    /// has had none since then.</summary>
    internal DateTimeOffset Since { get; private set; }

    internal void SetAddresses(ImmutableArray<IPAddress> addresses)
    {
        _addresses = addresses;
        Definition = ToDefinition();
    }

    /// <summary>An operator has put it back: new clients come back by and by where the service says so.</summary>
    internal void Return()
    {
        foreach (UpstreamAddress address in Definition.Addresses) address.Standing.Return(AddressStanding.NowMs(_time));
    }

    /// <summary>A check finds it up that had found it down: new clients come back in the same way.</summary>
    internal void FoundUp()
    {
        ServiceSettings settings = Service.Configuration.Settings;
        foreach (UpstreamAddress address in Definition.Addresses) settings.FoundUp(address.Standing, AddressStanding.NowMs(_time));
    }

    /// <summary>A check finds it up: if it is suspect, the next client tries it.</summary>
    internal void ProbeSoon()
    {
        foreach (UpstreamAddress address in Definition.Addresses) address.Standing.ProbeSoon(AddressStanding.NowMs(_time));
    }

    /// <summary>Puts another configuration in force. Its health is kept as long as the same server is checked.</summary>
    internal void Reconfigure(UpstreamConfiguration configuration, ImmutableArray<IPAddress> addresses)
    {
        UpstreamConfiguration before = Configuration;
        Volatile.Write(ref _configuration, configuration);
        if (before.Address != configuration.Address) Since = _time.GetUtcNow();
        // Addresses may have been found since it was made. When nothing changes, the definition stays, because it has learned how its
        // servers behave.
        if (before.Address != configuration.Address || before.Mode != configuration.Mode || !addresses.SequenceEqual(_addresses))
            SetAddresses(addresses);
        if (before.Address != configuration.Address || before.HealthCheck is null || configuration.HealthCheck is null) Health = Unknown();
    }

    /// <summary>What is known before anything was checked.</summary>
    private UpstreamHealth Unknown() =>
        Configuration.HealthCheck is { } check ? UpstreamHealth.Begin(check.InitiallyServing, _time.GetUtcNow()) : UpstreamHealth.Unchecked;

    private UpstreamDefinition ToDefinition() => new(Name, Configuration.Mode, Configuration.Address switch
    {
        { EndPoint: { } endPoint } => [ToAddress(endPoint)],
        { Path: { } path } => [ToAddress(new UnixDomainSocketEndPoint(path))],
        var named => [.. _addresses.Take(UpstreamDefinition.AddressesMax).Select(a => ToAddress(new IPEndPoint(a, named.Port)))],
    }) { Activity = Activity };

    /// <summary>
    /// One that stays keeps what it has learned, and what is held against it. Told something else from now on, it keeps only the latter.
    /// </summary>
    private UpstreamAddress ToAddress(EndPoint endPoint)
    {
        // Null while the first one is made.
        UpstreamDefinition? definition = _definition;
        UpstreamAddress? known = definition?.Addresses.FirstOrDefault(a => endPoint.Equals(a.EndPoint));
        if (known is null) return UpstreamAddress.Of(endPoint, new AddressStanding());
        return definition!.Mode == Configuration.Mode ? known : UpstreamAddress.Of(endPoint, known.Standing);
    }
}
