using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using ConfiguredListen = FastTcpProxy.Control.Configuration.Model.ListenAddress;
using EngineAddress = FastTcpProxy.Engine.Upstreams.UpstreamAddress;
using EngineListen = FastTcpProxy.Engine.Transport.ListenAddress;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// From the configuration to what the engine serves. Pure functions of values, any thread; nothing is resolved here: the addresses of DNS
/// names come from the caller.
/// </summary>
public static class ServiceActivation
{
    /// <summary>The service as the engine listens for it.</summary>
    public static EngineService ToEngineService(PlannedService planned)
    {
        ArgumentNullException.ThrowIfNull(planned);
        return new EngineService(planned.Service.State, [.. planned.Configuration.Listen.Select(ToListen)]);
    }

    /// <summary>The service as the engine serves it.</summary>
    /// <param name="service">Its configuration.</param>
    /// <param name="upstreams">Those that get clients, in the order in which they are tried.</param>
    public static ServiceDefinition ToDefinition(ServiceConfiguration service, ImmutableArray<UpstreamDefinition> upstreams)
    {
        ArgumentNullException.ThrowIfNull(service);
        return new ServiceDefinition
        {
            Name = service.Name,
            Upstreams = upstreams,
            ConnectTimeout = service.ConnectTimeout,
            TotalConnectTimeout = service.TotalConnectTimeout,
            OnAllFailed = service.OnAllFailed == AllFailedSetting.Close ? AllFailedAction.Close : AllFailedAction.Reset,
            AbortOnClose = service.AbortOnClose,
            AcceptProxy = service.AcceptProxy is { } accept ? ToAcceptProxy(accept) : null,
            IdleTimeout = service.IdleTimeout,
            HalfCloseTimeout = service.HalfCloseTimeout,
            KeepAlive = ToKeepAlive(service),
            SourceAddresses = [.. service.SourceAddresses.Select(a => InetEndPoint.FromIPEndPoint(new IPEndPoint(a, 0)))],
            SessionsMax = service.MaxSessions ?? 0,
        };
    }

    /// <summary>An upstream as the engine uses it.</summary>
    /// <param name="upstream">Its configuration.</param>
    /// <param name="resolved">The addresses of its DNS name now, without their port; of no effect when it has none.</param>
    public static UpstreamDefinition ToUpstream(UpstreamConfiguration upstream, ImmutableArray<IPAddress> resolved)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        return new UpstreamDefinition(upstream.Name, ToMode(upstream.Mode), ToAddresses(upstream.Address, resolved));
    }

    private static HeaderMode ToMode(ModeSetting mode) => mode switch
    {
        ModeSetting.ProxyV1 => HeaderMode.ProxyV1,
        ModeSetting.ProxyV2 => HeaderMode.ProxyV2,
        _ => HeaderMode.Raw,
    };

    private static ImmutableArray<EngineAddress> ToAddresses(Configuration.Model.UpstreamAddress address, ImmutableArray<IPAddress> resolved) =>
        address.Kind switch
        {
            AddressKind.Ip => [new EngineAddress(address.EndPoint!)],
            AddressKind.Unix => [new EngineAddress(address.Path!)],
            _ => [.. resolved.Take(UpstreamDefinition.AddressesMax).Select(a => new EngineAddress(new IPEndPoint(a, address.Port)))],
        };

    private static AcceptProxyDefinition ToAcceptProxy(AcceptProxyConfiguration accept) => new()
    {
        From = new NetworkSet(accept.From),
        Timeout = accept.Timeout,
        ServeOthers = accept.Others == OthersSetting.Plain,
        PassTlvs = accept.PassTlvs,
        AddCrc32C = accept.Crc32c,
    };

    private static KeepAliveOptions ToKeepAlive(ServiceConfiguration service) => new(
        (int)service.KeepAlive.Idle.TotalSeconds,
        (int)service.KeepAlive.Interval.TotalSeconds,
        service.KeepAlive.Count,
        (int)service.TcpUserTimeout.TotalMilliseconds);

    private static EngineListen ToListen(ConfiguredListen listen) =>
        listen.Kind == AddressKind.Unix ? new EngineListen(listen.Path!, listen.Permissions) : new EngineListen(listen.EndPoint!, listen.DualStack);
}
