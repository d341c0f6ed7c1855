using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using ConfiguredListen = FastTcpProxy.Control.Configuration.ListenAddress;
using EngineAddress = FastTcpProxy.Engine.Upstreams.UpstreamAddress;
using EngineListen = FastTcpProxy.Engine.Transport.ListenAddress;

namespace FastTcpProxy.Control.Activation;

/// <summary>
/// From the configuration to what the engine serves. Pure functions of values, any thread; nothing is resolved here: the addresses of DNS
/// names come from the caller.
/// </summary>
public static class ServiceActivation
{
    /// <summary>The services to start, none of their DNS names resolved yet.</summary>
    public static ImmutableArray<ActiveService> Activate(ProxyConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return [.. configuration.Services.Select(s => new ActiveService(s, new ServiceState(ToDefinition(s, static _ => []))))];
    }

    /// <summary>The service as the engine listens for it.</summary>
    public static EngineService ToEngineService(ActiveService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return new EngineService(service.State, [.. service.Configuration.Listen.Select(ToListen)]);
    }

    /// <summary>The service as the engine serves it.</summary>
    /// <param name="service">Its configuration.</param>
    /// <param name="resolve">The addresses of a DNS name now, without their port; asked once for each upstream that has one.</param>
    public static ServiceDefinition ToDefinition(ServiceConfiguration service, Func<string, ImmutableArray<IPAddress>> resolve)
    {
        ArgumentNullException.ThrowIfNull(service);
        ArgumentNullException.ThrowIfNull(resolve);
        return new ServiceDefinition
        {
            Name = service.Name,
            Upstreams = [.. service.Upstreams.Select(u => new UpstreamDefinition(u.Name, ToMode(u.Mode), ToAddresses(u.Address, resolve)))],
            ConnectTimeout = service.ConnectTimeout,
            TotalConnectTimeout = service.TotalConnectTimeout,
            OnAllFailed = service.OnAllFailed == AllFailedSetting.Close ? AllFailedAction.Close : AllFailedAction.Reset,
            AcceptProxy = service.AcceptProxy is { } accept ? ToAcceptProxy(accept) : null,
            IdleTimeout = service.IdleTimeout,
            HalfCloseTimeout = service.HalfCloseTimeout,
            KeepAlive = ToKeepAlive(service),
            SourceAddresses = [.. service.SourceAddresses.Select(a => InetEndPoint.FromIPEndPoint(new IPEndPoint(a, 0)))],
            SessionsMax = service.MaxSessions ?? 0,
        };
    }

    private static HeaderMode ToMode(ModeSetting mode) => mode switch
    {
        ModeSetting.ProxyV1 => HeaderMode.ProxyV1,
        ModeSetting.ProxyV2 => HeaderMode.ProxyV2,
        _ => HeaderMode.Raw,
    };

    private static ImmutableArray<EngineAddress> ToAddresses(Configuration.UpstreamAddress address, Func<string, ImmutableArray<IPAddress>> resolve) =>
        address.Kind switch
        {
            AddressKind.Ip => [new EngineAddress(address.EndPoint!)],
            AddressKind.Unix => [new EngineAddress(address.Path!)],
            _ => [.. resolve(address.DnsName!).Take(UpstreamDefinition.AddressesMax).Select(a => new EngineAddress(new IPEndPoint(a, address.Port)))],
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
        listen.Kind == AddressKind.Unix ? new EngineListen(listen.Path!) : new EngineListen(listen.EndPoint!, listen.DualStack);
}
