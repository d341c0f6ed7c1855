using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>What the real program does with signals while a session is open. Each test owns its process.</summary>
public sealed class SignalTests
{
    [Theory]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(UnixSignal.Interrupt)]
    public async Task FirstSignal_OpenSession_IsServedToItsEndAndExits0(UnixSignal signal)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint));
        using TestClient client = await JoinAsync(listen);

        proxy.Child.Signal(signal);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 1003 "), "the drain begins");
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(listen), "nothing listens any more");
        await client.SendAsync("still served");
        Assert.Equal("still served", await client.ReceiveUntilAsync("served"));
        Assert.False(proxy.Child.HasExited);
        client.HalfClose();
        await client.ReceiveToEndAsync();

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
        var session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("client.relay.ended", session.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task DrainTimeout_OpenSession_IsResetAndExits0()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint, """{ "drainTimeout": "200ms" }"""));
        using TestClient client = await JoinAsync(listen);

        proxy.Child.Signal(UnixSignal.Terminate);

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
        await AssertResetAsync(client);
        var session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("operator.relay.drained", session.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task SecondSignal_OpenSession_EndsAtOnceAndExits1()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint, """{ "drainTimeout": "10m" }"""));
        using TestClient client = await JoinAsync(listen);

        proxy.Child.Signal(UnixSignal.Terminate);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 1003 "), "the drain begins");
        proxy.Child.Signal(UnixSignal.Terminate);

        Assert.Equal(1, await proxy.Child.WaitForExitAsync());
        await AssertResetAsync(client);
    }

    [Fact]
    public async Task Hangup_IsSurvivedAndSaid()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint));

        proxy.Child.Signal(UnixSignal.Hangup);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 1007 "), "the signal is said");
        using TestClient client = await JoinAsync(listen);

        client.HalfClose();
        await client.ReceiveToEndAsync();
        Assert.Equal(0, await proxy.StopAsync());
    }

    private static async Task<TestClient> JoinAsync(IPEndPoint listen)
    {
        TestClient client = await TestClient.ConnectAsync(listen);
        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReceiveUntilAsync("hello"));
        return client;
    }

    private static async Task AssertResetAsync(TestClient client)
    {
        SocketException reset = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync());
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }
}
