using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>Listening sockets that stop to listen under the engine, as when another holder shuts them down, and the engine's end.</summary>
public sealed partial class LostListenerTests
{
    private const int Both = 2;

    [Fact]
    public async Task Sockets_ShutDownByAnother_AreOpenedAgain()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        int[] sockets = [.. bed.Engine.Listeners.Single().Descriptors];
        foreach (int socket in sockets) Assert.Equal(0, shutdown(socket, Both));

        await Eventually.HoldsAsync(() => bed.Engine.ListenerLosses.Length == sockets.Length, "each loop has lost its listener");
        Assert.All(bed.Engine.ListenerLosses,
            l => Assert.Equal((bed.EndPoint.ToString(), SocketError.InvalidArgument), (l.Address, l.Error)));
        await Eventually.HoldsAsync(() => bed.Engine.ListenerLosses.All(l => !l.IsLost), "they are open again");
        Assert.Equal(sockets.Length, bed.Engine.Listeners.Single().Descriptors.Length);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync("again");
        Assert.Equal("again", await client.ReceiveUntilAsync("again"));
    }

    [Fact]
    public async Task Dispose_ManySessions_HasEndedThemWhenItReturns()
    {
        const int clients = 300;
        await using EchoUpstream upstream = new();
        ServiceState service = new(new ServiceDefinition
        {
            Name = "s", Upstreams = [new UpstreamDefinition("u", HeaderMode.Raw, [new UpstreamAddress(upstream.EndPoint)])],
        });
        IPEndPoint listen = FreePort.Loopback();
        ProxyEngine engine = new(new EngineOptions { Threads = ModuleSetup.Threads });
        engine.Start([new ListenPlan(service, [new ListenAddress(listen)])]);
        List<TestClient> open = [];
        for (int i = 0; i < clients; i++) open.Add(await TestClient.ConnectAsync(listen));
        await Eventually.EqualsAsync(clients, () => engine.Sessions, "all are sessions");

        engine.Dispose();

        Assert.Equal((0, 0), (engine.Sessions, service.Sessions.Current));
        foreach (TestClient client in open) client.Dispose();
    }

    [LibraryImport("libc")]
    private static partial int shutdown(int fd, int how);
}
