using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// What <c>tcpUserTimeout</c> and <c>keepAlive</c> promise, each beside the other, with the kernel's own TCP. Each test owns its proxy and
/// plays both ends itself.
/// </summary>
public sealed class VanishedPeerTests
{
    /// <summary>More than the kernel holds for a reader that takes nothing.</summary>
    private const int MuchBytes = 64 << 20;

    /// <summary>Its kernel answers window probes. Six times the limit: it is no limit for such a peer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reader_TakesNothingForLongerThanTcpUserTimeout_GoesOn(bool clientReads)
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: "\"tcpUserTimeout\": \"1s\""));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        (TestClient sender, TestClient reader) = clientReads ? (accepted, client) : (client, accepted);
        Task sent = sender.SendAsync(new byte[MuchBytes]);
        Deadline pause = Deadline.After(TimeSpan.FromSeconds(6));
        await Eventually.HoldsAsync(() => pause.HasPassed, "the reader has paused");
        Assert.False(sent.IsFaulted, "the reader was taken for a vanished one");
        Assert.False(sent.IsCompleted, "all of it has found room: the reader's window has never closed");
        Assert.Equal(MuchBytes, (await reader.ReceiveExactlyAsync(MuchBytes)).Length);
        await sent;
    }

    /// <summary>The packets to one peer are dropped while a stream to it continues.</summary>
    [Theory]
    [InlineData(true, "client.relay.reset")]
    [InlineData(false, "upstream.relay.reset")]
    public async Task Peer_VanishesWhileItIsSentTo_EndsAfterTcpUserTimeout(bool client, string reason)
    {
        RequiresPeer.PacketFilter();
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: "\"tcpUserTimeout\": \"1s\""));
        using TestClient near = await TestClient.ConnectAsync(listen);
        using TestClient far = await upstream.AcceptAsync();
        (TestClient sender, int port) = client ? (far, near.LocalEndPoint.Port) : (near, upstream.EndPoint.Port);
        using (await PacketDrop.StartAsync(port))
        {
            Task sent = sender.SendAsync(new byte[MuchBytes]);
            Assert.Equal(reason, (await proxy.WaitForSessionAsync(_ => true)).Reason());
            // What it still sends is taken, so that it comes to read what there is; all of it, or until the reset.
            await Task.WhenAny(sent);
        }
    }

    /// <summary>Half a minute before tcpUserTimeout, by the number of probes.</summary>
    [Fact]
    public async Task Peer_VanishesInSilence_IsFoundAfterTheCountOfProbes()
    {
        RequiresPeer.PacketFilter();
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        const string keys =
            "\"keepAlive\": { \"idle\": \"1s\", \"interval\": \"1s\", \"count\": 2 }, \"tcpUserTimeout\": \"1m\", \"idleTimeout\": \"30s\"";
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: keys));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        using (await PacketDrop.StartAsync(client.LocalEndPoint.Port))
        {
            JsonElement session = await proxy.WaitForSessionAsync(_ => true, TimeSpan.FromSeconds(60));
            // Otherwise it is idle, after half a minute.
            Assert.Equal("client.relay.reset", session.Reason());
        }
    }
}
