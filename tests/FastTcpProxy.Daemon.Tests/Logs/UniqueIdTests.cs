using System.Net;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Logs;

/// <summary>The session's id as UNIQUE_ID, which a real HAProxy reads. Each test owns its processes.</summary>
public sealed class UniqueIdTests
{
    [Theory]
    [InlineData("")]
    [InlineData("\"acceptProxy\": { \"from\": [\"192.0.2.1\"], \"others\": \"plain\", \"crc32c\": true },")]
    public async Task Header_HasTheIdOfTheSessionLog(string keys)
    {
        RequiresPeer.HAProxy();
        using HAProxyReceiver receiver = await HAProxyReceiver.StartAsync();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [receiver.EndPoint], "proxy-v2", keys + "\"uniqueId\": true"));

        ReceiverReport report = await receiver.AskAsync(listen, new IPEndPoint(IPAddress.Loopback, 0));

        string id = (await proxy.WaitForSessionAsync(_ => true)).GetProperty("id").GetString()!;
        Assert.Contains($" unique-id={id} ", report.Text);
    }

    [Theory]
    [InlineData("\"unique-id\"", true)]
    [InlineData("\"alpn\"", false)]
    public async Task Header_OfABalancer_ItsIdWinsWhereItIsPassedOn(string passed, bool wins)
    {
        RequiresPeer.HAProxy();
        using HAProxyReceiver receiver = await HAProxyReceiver.StartAsync();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [receiver.EndPoint], "proxy-v2",
            $"\"acceptProxy\": {{ \"from\": [\"127.0.0.0/8\"], \"passTlvs\": [{passed}], \"crc32c\": true }}, \"uniqueId\": true"));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await client.SendAsync(BalancersHeader());
        await client.SendAsync("GET / HTTP/1.1\r\nHost: peer.test\r\nConnection: close\r\n\r\n");

        string answer = await client.ReceiveToEndAsync();
        client.Dispose();

        string id = (await proxy.WaitForSessionAsync(_ => true)).GetProperty("id").GetString()!;
        Assert.Contains($" unique-id={(wins ? "from-the-balancer" : id)} ", answer);
    }

    private static byte[] BalancersHeader()
    {
        byte[] block = new byte[64], header = new byte[256];
        TlvWriter tlvs = new(block);
        Assert.True(tlvs.TryAdd(TlvType.Alpn, "h2"u8));
        Assert.True(tlvs.TryAdd(TlvType.UniqueId, "from-the-balancer"u8));
        Assert.True(ProxyHeaderEncoder.TryWriteV2(header, InetEndPoint.FromIPEndPoint(IPEndPoint.Parse("192.0.2.9:1")),
            InetEndPoint.FromIPEndPoint(IPEndPoint.Parse("192.0.2.10:25")), tlvs.Bytes, out int length));
        return header[..length];
    }
}
