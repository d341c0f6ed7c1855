using System.Diagnostics;
using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>A client that leaves, or ends its side, while its connect to the upstream is pending. Each test owns its proxy.</summary>
public sealed class ClientLeavesTests
{
    /// <summary>"Within a second", and what a busy machine may add.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(false, true, "client.connect.reset")]
    [InlineData(true, true, "client.connect.reset")]
    [InlineData(false, false, "client.connect.closed")]
    public async Task Client_LeavesWhileConnectIsPending_IsNoticedBeforeTheTimeout(bool sends, bool resets, string reason)
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [silent.EndPoint], keys: "\"connectTimeout\": \"20s\", \"abortOnClose\": true"));
        int sockets = proxy.Child.SocketCount;
        // One leaves at once, one when the proxy has begun to look after it.
        TestClient first = await TestClient.ConnectAsync(listen);
        TestClient second = await TestClient.ConnectAsync(listen);
        if (sends)
        {
            await first.SendAsync("something");
            await second.SendAsync("something");
        }
        Leave(first, resets);
        await proxy.WaitForSessionAsync(_ => true, Noticed);
        long left = Stopwatch.GetTimestamp();
        Leave(second, resets);
        await Eventually.EqualsAsync(2, () => proxy.Sessions().Count, "the second one's record", Noticed);
        Assert.InRange(Stopwatch.GetElapsedTime(left), TimeSpan.Zero, Noticed);

        foreach (JsonElement session in proxy.Sessions())
        {
            Assert.Equal(reason, session.Reason());
            Assert.Equal("a:abandoned", session.Attempts());
            Assert.Equal("0/0", session.Bytes());
        }
        await Eventually.EqualsAsync(sockets, () => proxy.Child.SocketCount, "no socket is left");
    }

    [Fact]
    public async Task Client_SendsAndHalfCloses_IsServedAfterFailoverAndEachByteArrivesOnce()
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        RefusingUpstream refusing = new();
        await using HeaderUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [silent.EndPoint, refusing.EndPoint, echo.EndPoint], "proxy-v1", "\"connectTimeout\": \"700ms\""));
        using TestClient client = await TestClient.ConnectAsync(listen);
        string request = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i:00000} "));
        await client.SendAsync(request);
        client.HalfClose();

        Assert.Equal(request, await client.ReceiveToEndAsync());
        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("a:timedOut b:refused c:connected", session.Attempts());
        Assert.Equal("client.relay.ended", session.Reason());
        Assert.Equal("30000/30000", session.Bytes());
        ReceivedHeader header = await echo.NextHeaderAsync();
        // The client's bytes were there before the upstream: header and first bytes leave together.
        Assert.True(header.FirstReceive.Length > header.Bytes.Length, "the header came alone");
    }

    /// <summary>Also a client that has sent something and then closed altogether: no one can tell it from one that waits.</summary>
    [Fact]
    public async Task Client_SendsAndCloses_ItsBytesStillArrive()
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [silent.EndPoint, upstream.EndPoint], keys: "\"connectTimeout\": \"700ms\""));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await client.SendAsync("a line for a log");

        using TestClient accepted = await upstream.AcceptAsync();
        Assert.Equal("a line for a log", await accepted.ReceiveToEndAsync());
        accepted.HalfClose();
        Assert.Equal("client.relay.ended", (await proxy.WaitForSessionAsync(_ => true)).Reason());
    }

    /// <summary>Each attempt is short, so that no single one outlasts the looks at the client.</summary>
    [Fact]
    public async Task Client_LeavesWhileManyShortAttemptsFail_IsNoticed()
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [.. Enumerable.Repeat(silent.EndPoint, 26)], keys: "\"connectTimeout\": \"80ms\""));
        TestClient client = await TestClient.ConnectAsync(listen);
        client.Reset();

        JsonElement session = await proxy.WaitForSessionAsync(_ => true, Noticed);
        Assert.Equal("client.connect.reset", session.Reason());
    }

    private static void Leave(TestClient client, bool resets)
    {
        if (resets) client.Reset();
        else client.Dispose();
    }
}
