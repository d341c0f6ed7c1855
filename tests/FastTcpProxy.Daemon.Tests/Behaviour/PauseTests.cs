using System.Net;
using System.Text;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// The program is stopped (SIGSTOP) and continues, as in a frozen container or on a virtual machine that is moved: what came in time
/// meanwhile lies in the kernel, and is held against no one. Each test owns its proxy and plays both ends itself.
/// </summary>
public sealed class PauseTests
{
    private const int Connections = 20;

    /// <summary>Longer than the deadline of one connection, which is 2 s.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Longer than the deadline of <see cref="Connections"/>, 8 s: they are all set up before the pause, however long a busy machine takes
    /// for that.
    /// </summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(9);

    private const string Header = "PROXY TCP4 192.0.2.1 198.51.100.1 1000 2000\r\n";

    [Theory]
    [InlineData("\"idleTimeout\": \"8s\"", false)]
    [InlineData("\"halfCloseTimeout\": \"8s\"", true)]
    public async Task Sessions_SentInThePause_Live(string keys, bool halfClosed)
    {
        using ManualUpstream manual = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [manual.EndPoint], keys: keys));
        List<(TestClient Sender, TestClient Receiver)> ends = [];
        for (int i = 0; i < Connections; i++)
        {
            TestClient client = await TestClient.ConnectAsync(listen);
            TestClient accepted = await manual.AcceptAsync();
            if (halfClosed)
            {
                client.HalfClose();
                await Ends.AssertEndAsync(accepted);
            }
            ends.Add(halfClosed ? (accepted, client) : (client, accepted));
        }
        int sent = 0;
        await PauseAsync(proxy, () => { }, LongPause, () =>
        {
            foreach ((TestClient sender, _) in ends) sender.Socket.Send("x"u8);
            sent++;
            return true;
        });

        foreach ((TestClient sender, TestClient receiver) in ends)
        {
            sender.HalfClose();
            Assert.Equal(sent, (await receiver.ReceiveToEndAsync()).Length);
            receiver.Dispose();
            sender.Dispose();
        }
    }

    [Fact]
    public async Task Headers_CameInThePause_AreRead()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [upstream.EndPoint], keys: "\"acceptProxy\": { \"from\": [\"127.0.0.0/8\"], \"timeout\": \"8s\" }"));
        List<TestClient> clients = [];
        for (int i = 0; i < Connections; i++) clients.Add(await TestClient.ConnectAsync(listen));
        await Eventually.HoldsAsync(() => ListeningSockets.QueueLength(listen) == 0, "all are accepted");
        await PauseAsync(proxy, () =>
        {
            foreach (TestClient client in clients) client.Socket.Send(Encoding.ASCII.GetBytes(Header));
        }, LongPause);

        foreach (TestClient client in clients)
        {
            await Ends.AssertEchoAsync(client);
            client.Dispose();
        }
    }

    /// <summary>The upstream accepts in the pause, when the kernel asks it again after one, three or seven seconds.</summary>
    [Fact]
    public async Task Connects_AcceptedInThePause_AreProxied()
    {
        RequiresPeer.PacketFilter();
        await using EchoUpstream upstream = new(), second = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint, second.EndPoint], keys: "\"connectTimeout\": \"8s\""));
        List<TestClient> clients = [];
        PacketDrop drop = await PacketDrop.StartAsync(upstream.EndPoint.Port);
        for (int i = 0; i < Connections; i++) clients.Add(await TestClient.ConnectAsync(listen));
        await Eventually.HoldsAsync(() => ListeningSockets.QueueLength(listen) == 0, "all are accepted");
        await PauseAsync(proxy, drop.Dispose, LongPause, () => upstream.AcceptedCount == Connections);

        foreach (TestClient client in clients)
        {
            await Ends.AssertEchoAsync(client);
            client.Dispose();
        }
        Assert.Equal((Connections, 0), (upstream.AcceptedCount, second.AcceptedCount));
    }

    /// <summary>The answer of a check comes in the pause, and the check's time is over when the proxy continues.</summary>
    [Fact]
    public async Task Check_AnsweredInThePause_IsGood()
    {
        await using EchoUpstream upstream = new();
        using ManualUpstream health = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [upstream.EndPoint], keys: $$"""
            "healthCheck": { "url": "http://{{health.EndPoint}}/", "interval": "2s", "timeout": "2s", "probes": { "successes": 1, "failures": 1 } }
            """));
        for (int check = 0; check < 3; check++)
        {
            using TestClient probe = await health.AcceptAsync();
            await probe.ReceiveUntilAsync("\r\n\r\n");
            await PauseAsync(proxy, () => probe.Socket.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8), Pause);
        }
        // The last of them is over when the next one comes.
        using (await health.AcceptAsync())
        {
        }

        Assert.DoesNotContain(proxy.Child.Error.Snapshot(), line => line.Contains(" is down", StringComparison.Ordinal));
    }

    /// <summary>A session that ends in the pause, which is longer than the drain may last.</summary>
    [Fact]
    public async Task Drain_SessionEndsInThePause_EndsInOrder()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], engine: "\"drainTimeout\": \"2s\""));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(client);
        proxy.Child.Signal(UnixSignal.Terminate);
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(listen), "it drains");
        await PauseAsync(proxy, client.HalfClose, Pause);
        await Ends.AssertEndAsync(client);

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
        Assert.Equal("client.relay.ended", (await proxy.WaitForSessionAsync(_ => true)).Reason());
    }

    /// <summary>
    /// Stops the proxy, does something, and lets the proxy continue when the time of a pause is over and the condition, asked again and
    /// again, holds.
    /// </summary>
    private static async Task PauseAsync(ProxyProcess proxy, Action meanwhile, TimeSpan time, Func<bool>? until = null)
    {
        proxy.Child.Signal(UnixSignal.Stop);
        meanwhile();
        Deadline over = Deadline.After(time);
        await Eventually.HoldsAsync(() => (until is null || until()) && over.HasPassed, "the pause is over");
        proxy.Child.Signal(UnixSignal.Continue);
    }
}
