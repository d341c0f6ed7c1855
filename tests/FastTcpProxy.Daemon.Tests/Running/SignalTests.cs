using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>What the real program does with signals while a session is open. Each test owns its process.</summary>
public sealed class SignalTests
{
    public static TheoryData<UnixSignal, UnixSignal> Pairs => new()
    {
        { UnixSignal.Terminate, UnixSignal.Terminate },
        { UnixSignal.Interrupt, UnixSignal.Interrupt },
        { UnixSignal.Terminate, UnixSignal.Interrupt },
        { UnixSignal.Interrupt, UnixSignal.Terminate },
    };

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
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint, """{ "drainTimeout": "200ms" }"""));
        using TestClient client = await JoinAsync(listen);

        proxy.Child.Signal(UnixSignal.Terminate);

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
        await AssertResetAsync(client);
        var session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("operator.relay.drained", session.GetProperty("reason").GetString());
    }

    /// <summary>
    /// As service managers, containers and shells send one request. Both wait for a process that is stopped, and come at once when it
    /// continues, however busy the machine is. (Two equal signals are one then, see signal(7): <see cref="EndSignalsTests"/> has them.)
    /// </summary>
    [Theory]
    [InlineData(UnixSignal.Terminate, UnixSignal.Interrupt)]
    [InlineData(UnixSignal.Interrupt, UnixSignal.Terminate)]
    public async Task TwoSignalsAtOnce_OpenSession_AreOneRequest(UnixSignal first, UnixSignal second)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint, """{ "drainTimeout": "10m" }"""));
        using TestClient client = await JoinAsync(listen);

        proxy.Child.Signal(UnixSignal.Stop);
        proxy.Child.Signal(first);
        proxy.Child.Signal(second);
        proxy.Child.Signal(UnixSignal.Continue);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 1003 "), "the drain begins");
        // Nothing ends meanwhile.
        await Task.Delay(EndSignals.SameRequest, TestContext.Current.CancellationToken);
        await client.SendAsync("still served");
        Assert.Equal("still served", await client.ReceiveUntilAsync("served"));
        client.HalfClose();
        await client.ReceiveToEndAsync();

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task SecondSignalLater_OpenSession_EndsAtOnceAndExits1(UnixSignal first, UnixSignal second)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint, """{ "drainTimeout": "10m" }"""));
        using TestClient client = await JoinAsync(listen);

        proxy.Child.Signal(first);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 1003 "), "the drain begins");
        // The moment that decides.
        await Task.Delay(EndSignals.SameRequest + TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        proxy.Child.Signal(second);

        Assert.Equal(1, await proxy.Child.WaitForExitAsync());
        await AssertResetAsync(client);
    }

    [Fact]
    public async Task Hangup_ReloadsTheFile_ForNewClients()
    {
        await using EchoUpstream before = new();
        await using EchoUpstream after = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, before.EndPoint));
        using TestClient old = await JoinAsync(listen);

        await File.WriteAllTextAsync(proxy.ConfigurationPath, Given.Service(listen, after.EndPoint), TestContext.Current.CancellationToken);
        proxy.Child.Signal(UnixSignal.Hangup);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 6110 "), "the reload is said");
        using TestClient young = await JoinAsync(listen);
        Assert.Equal((1, 1), (before.AcceptedCount, after.AcceptedCount));

        await old.SendAsync("again");
        Assert.Equal("again", await old.ReceiveUntilAsync("again"));
    }

    [Fact]
    public async Task Hangup_WithAFileThatIsWrong_ChangesNothing()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint));

        await File.WriteAllTextAsync(proxy.ConfigurationPath, """{ "services": [], "servces": 1 }""",
            TestContext.Current.CancellationToken);
        proxy.Child.Signal(UnixSignal.Hangup);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 6111 ") && l.Contains("proxy.json:1:19: error C020"),
            "every error is said");
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
