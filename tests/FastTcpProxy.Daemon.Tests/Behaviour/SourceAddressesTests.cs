using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>The addresses that upstreams see. Each test owns its proxy and upstreams.</summary>
public sealed class SourceAddressesTests
{
    [Fact]
    public async Task SourceAddresses_AreUsedInTurn()
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [upstream.EndPoint], keys: "\"sourceAddresses\": [\"127.0.0.3\", \"127.0.0.4\", \"::1\", \"127.0.0.5\"]",
            // Each thread takes them in turn.
            engine: "\"threads\": 1"));
        List<string> seen = [];
        for (int i = 0; i < 8; i++)
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            using TestClient accepted = await upstream.AcceptAsync();
            seen.Add(((IPEndPoint)accepted.Socket.RemoteEndPoint!).Address.ToString());
        }
        // The address of the other family is passed over: in its turn the next one serves.
        Assert.Equal(["127.0.0.3", "127.0.0.4", "127.0.0.5"], seen.Distinct().Order());
        Assert.DoesNotContain(Enumerable.Range(1, 7), i => seen[i] == seen[i - 1] && seen[i] != "127.0.0.5");
    }

    [Fact]
    public async Task SourceAddress_NotOfThisMachine_IsPassedOver()
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [upstream.EndPoint], keys: "\"sourceAddresses\": [\"192.0.2.1\", \"127.0.0.4\"]"));
        for (int i = 0; i < 4; i++)
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            using TestClient accepted = await upstream.AcceptAsync();
            Assert.Equal("127.0.0.4", ((IPEndPoint)accepted.Socket.RemoteEndPoint!).Address.ToString());
        }
        Assert.All(proxy.Sessions(), session => Assert.Equal("a:connected", session.Attempts()));
    }

    /// <summary>
    /// Four local ports for each of two addresses: eight sessions fit, though in turn each address runs out, and the ninth goes to the next
    /// upstream. The upstream is a second service of the same proxy, as nothing else lives in that network.
    /// </summary>
    [Fact]
    public async Task SourceAddress_Exhausted_IsPassedOver()
    {
        RequiresPeer.OwnNetwork();
        using UnixEcho echo = new();
        using UnixEcho fallback = new();
        using TempFolder folder = new("source");
        const string sources = "\"sourceAddresses\": [\"127.0.0.3\", \"127.0.0.4\"]";
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [
              {{ServiceText.Service("out", [ServiceText.Unix(folder["in"])], ["127.0.0.1:4711", ServiceText.Unix(fallback.Path)], keys: sources)}},
              {{ServiceText.Service("in", ["127.0.0.1:4711"], [ServiceText.Unix(echo.Path)])}},
            ] }
            """,
            new ProxyOptions
            {
                OwnNetwork = true, Before = "ip link set lo up; echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range",
            });
        List<TestClient> clients = [];
        for (int i = 0; i < 9; i++)
        {
            clients.Add(await Ends.ConnectUnixAsync(folder["in"]));
            await Ends.AssertEchoAsync(clients[i]);
        }
        foreach (TestClient client in clients) client.Dispose();

        await Eventually.EqualsAsync(9, () => Out(proxy).Count(), "a record for each");
        Assert.Equal(8, Out(proxy).Count(attempts => attempts == "a:connected"));
        Assert.Equal(1, Out(proxy).Count(attempts => attempts == "a:noLocalPort b:connected"));
    }

    private static IEnumerable<string> Out(ProxyProcess proxy) =>
        proxy.Sessions().Where(session => session.GetProperty("service").GetString() == "out").Select(session => session.Attempts());
}
