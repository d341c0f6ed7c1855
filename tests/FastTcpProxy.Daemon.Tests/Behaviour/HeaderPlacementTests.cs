using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>When the header is sent, and what with. Each test owns its proxy and plays both ends itself.</summary>
public sealed class HeaderPlacementTests
{
    [Theory]
    [InlineData("proxy-v1")]
    [InlineData("proxy-v2")]
    public async Task ClientHasSent_HeaderAndFirstBytesComeTogether(string mode)
    {
        // The silent primary gives the client's bytes the time to be there before the upstream is.
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        await using HeaderUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [silent.EndPoint, upstream.EndPoint], mode, "\"connectTimeout\": \"500ms\""));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(client, "first bytes");

        ReceivedHeader header = await upstream.NextHeaderAsync();
        Assert.Equal(HeaderText.Of(header.Bytes) + "first bytes", HeaderText.Of(header.FirstReceive));
    }

    [Theory]
    [InlineData("proxy-v1")]
    [InlineData("proxy-v2")]
    public async Task ClientIsSilent_HeaderComesAtOnceAndTheUpstreamMaySpeakFirst(string mode)
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], mode));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();

        byte[] header = await accepted.ReceiveAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(mode == "proxy-v1" ? HeaderText.V1(client.LocalEndPoint, listen).Length : 28, header.Length);
        await accepted.SendAsync("220 ready");
        Assert.Equal("220 ready", HeaderText.Of(await client.ReceiveExactlyAsync(9)));
        await client.SendAsync("HELO");
        Assert.Equal("HELO", HeaderText.Of(await accepted.ReceiveExactlyAsync(4)));
    }

    /// <summary>The client ends its side without a byte after the connect: the header still comes, whole, and then the end.</summary>
    [Fact]
    public async Task ClientEndsWithoutAByte_HeaderThenTheEnd()
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], "proxy-v1"));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        client.HalfClose();

        Assert.Equal(HeaderText.V1(client.LocalEndPoint, listen), await accepted.ReceiveToEndAsync());
        await accepted.SendAsync("bye");
        accepted.HalfClose();
        Assert.Equal("bye", await client.ReceiveToEndAsync());
        Assert.Equal("0/3", (await proxy.WaitForSessionAsync(_ => true)).Bytes());
    }

    [Fact]
    public async Task Modes_OfUpstreams_AreTheirOwn()
    {
        await using HeaderUpstream first = new();
        await using EchoUpstream second = new();
        IPEndPoint listen = FreePort.Loopback();
        IPEndPoint listenSecond = FreePort.Loopback();
        string upstreams = $$"""
            { "services": [
              { "name": "one", "listen": ["{{listen}}"], "mode": "raw", "upstreams": [{ "address": "{{first.EndPoint}}", "mode": "proxy-v2" }] },
              { "name": "two", "listen": ["{{listenSecond}}"], "upstreams": [{ "address": "{{second.EndPoint}}", "mode": "raw" }] },
            ] }
            """;
        using ProxyProcess proxy = await ProxyProcess.StartAsync(upstreams);
        foreach (IPEndPoint address in (IPEndPoint[])[listen, listenSecond])
        {
            using TestClient client = await TestClient.ConnectAsync(address);
            await Ends.AssertEchoAsync(client);
        }
        Assert.StartsWith(HeaderText.V2Signature, HeaderText.Of((await first.NextHeaderAsync()).Bytes));
        Assert.Equal("raw",
            (await proxy.WaitForSessionAsync(s => s.GetProperty("service").GetString() == "two")).GetProperty("mode").GetString());
        Assert.Equal("proxy-v2",
            (await proxy.WaitForSessionAsync(s => s.GetProperty("service").GetString() == "one")).GetProperty("mode").GetString());
    }
}
