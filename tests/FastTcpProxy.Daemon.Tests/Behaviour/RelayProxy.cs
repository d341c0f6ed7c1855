using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>The proxy of the class, and the upstream that all its sessions go to. One test at a time; it owns both.</summary>
public sealed class RelayProxy : IAsyncLifetime
{
    internal ManualUpstream Upstream { get; } = new();

    internal IPEndPoint Listen { get; } = FreePort.Loopback();

    internal ProxyProcess Proxy { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Proxy = await ProxyProcess.StartAsync(ServiceText.Of(Listen, [Upstream.EndPoint]));

    public ValueTask DisposeAsync()
    {
        Proxy.Dispose();
        Upstream.Dispose();
        return ValueTask.CompletedTask;
    }
}
