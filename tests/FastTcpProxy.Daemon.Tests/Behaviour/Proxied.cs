using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>A client and the upstream that it is proxied to, both in the test's hand. Owns their sockets.</summary>
internal sealed class Proxied : IAsyncDisposable
{
    private readonly RelayProxy _proxy;
    private readonly string _name;

    private Proxied(RelayProxy proxy, TestClient client, TestClient upstream)
    {
        (_proxy, Client, Upstream) = (proxy, client, upstream);
        _name = client.LocalEndPoint.ToString();
    }

    public TestClient Client { get; }

    public TestClient Upstream { get; }

    public static async Task<Proxied> StartAsync(RelayProxy proxy, bool smallClientBuffer = false)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (smallClientBuffer) socket.ReceiveBufferSize = 8192;
        await socket.ConnectAsync(proxy.Listen).WaitAsync(Deadline.Patient);
        return new Proxied(proxy, TestClient.Take(socket), await proxy.Upstream.AcceptAsync());
    }

    public Task<JsonElement> SessionAsync(TimeSpan? within = null) =>
        _proxy.Proxy.WaitForSessionAsync(session => session.Client() == _name, within);

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        Upstream.Dispose();
        return ValueTask.CompletedTask;
    }
}
