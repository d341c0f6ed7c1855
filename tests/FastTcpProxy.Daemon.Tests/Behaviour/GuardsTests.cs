using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Whom the proxy serves by <c>guards</c>, and how it refuses the others. The real program; loopback has many addresses.</summary>
public sealed class GuardsTests
{
    private static readonly IPAddress One = IPAddress.Parse("127.0.5.1"), Two = IPAddress.Parse("127.0.5.2");

    [Theory]
    [InlineData("\"deny\": [\"127.0.5.0/24\"]", false, false)]
    [InlineData("\"deny\": [\"127.0.5.0/24\"], \"allow\": [\"127.0.5.1\"]", true, false)]
    [InlineData("\"default\": \"drop\", \"allow\": [\"127.0.5.2\"]", false, true)]
    [InlineData("\"deny\": []", true, true)]
    public async Task Entries_DecideWhoIsServed(string guards, bool servesOne, bool servesTwo)
    {
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(listen, echo.EndPoint, guards));
        Assert.Equal((servesOne, servesTwo), (await IsServedAsync(listen, One), await IsServedAsync(listen, Two)));
    }

    /// <summary>What a list has become is in force with the reload, and a list with a mistake changes nothing.</summary>
    [Fact]
    public async Task List_IsReadAgainByAReload()
    {
        await using EchoUpstream echo = new();
        using TempFolder folder = new("list");
        string list = folder.Write("deny.txt", "# none yet\n");
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            Text(listen, echo.EndPoint, $$"""
                "lists": [{ "file": "{{list}}" }]
                """));
        Assert.True(await IsServedAsync(listen, One));

        await File.WriteAllTextAsync(list, "127.0.5.1\n");
        await ReloadAsync(proxy, " 6110 ");
        Assert.False(await IsServedAsync(listen, One));

        await File.WriteAllTextAsync(list, "127.0.5.2\n127.0.5.0/33\n");
        await ReloadAsync(proxy, "line 2, column 1: \"127.0.5.0/33\"");
        Assert.Equal((false, true), (await IsServedAsync(listen, One), await IsServedAsync(listen, Two)));
    }

    [Fact]
    public async Task PerSource_LimitsEachAddressByItself()
    {
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(listen, echo.EndPoint, "\"perSource\": { \"sessions\": 2 }"));
        using (TestClient first = await ServedAsync(listen, One), second = await ServedAsync(listen, One))
        {
            Assert.Equal((false, true), (await IsServedAsync(listen, One), await IsServedAsync(listen, Two)));
        }
        await Eventually.HoldsAsync(async () => await IsServedAsync(listen, One), "its sessions are given back");
    }

    /// <summary>Of fifty at once ten are served and never eleven, over two loops.</summary>
    [Fact]
    public async Task PerSource_Sessions_AreExactOverAllLoops()
    {
        const int limit = 10, atOnce = 50, rounds = 200;
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(listen, echo.EndPoint, "\"perSource\": { \"sessions\": 10 }"),
            new ProxyOptions { Arguments = ["--threads", "2"], LogFormat = "none" });
        for (int round = 0; round < rounds; round++)
        {
            TestClient?[] clients = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => TryServedAsync(listen, One)));
            int served = clients.Count(c => c is not null);
            foreach (TestClient? client in clients) client?.Dispose();
            // The proxy may still close sessions of the round before.
            Assert.InRange(served, round == 0 ? limit : 0, limit);
        }
        await Eventually.HoldsAsync(async () =>
        {
            TestClient?[] again = await Task.WhenAll(Enumerable.Range(0, limit).Select(_ => TryServedAsync(listen, One)));
            foreach (TestClient? client in again) client?.Dispose();
            return again.All(c => c is not null);
        }, "all sessions are given back");
    }

    /// <summary>Behind a balancer the limits are those of the client that its header names, and never the balancer's.</summary>
    [Fact]
    public async Task BehindHAProxy_OnlyTheTrueClientIsLimited()
    {
        RequiresPeer.HAProxy();
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback(), outer = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(listen, echo.EndPoint,
            "\"deny\": [\"127.0.5.2\", \"127.0.0.1\"], \"perSource\": { \"sessions\": 1 }",
            "\"acceptProxy\": { \"from\": [\"127.0.0.1\"] },"));
        using HAProxySender balancer = await HAProxySender.StartAsync(listen, "send-proxy-v2 source 127.0.0.1", outer);
        using TestClient held = await ServedAsync(outer, One);
        Assert.Equal((false, false, true),
            (await IsServedAsync(outer, One), await IsServedAsync(outer, Two), await IsServedAsync(outer, IPAddress.Parse("127.0.5.3"))));
    }

    [Theory]
    [InlineData("reset", "reset")]
    [InlineData("close", "end")]
    [InlineData("drop", "nothing")]
    public async Task Refusal_IsWhatOnRefuseSays(string onRefuse, string seen)
    {
        Assert.SkipWhen(onRefuse == "drop" && !Environment.IsPrivilegedProcess, "only root can have a close send nothing");
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            Text(listen, echo.EndPoint, $"\"deny\": [\"127.0.5.1\"], \"onRefuse\": \"{onRefuse}\""));
        Assert.Equal(seen, await EndOfAsync(listen));
        await proxy.WaitForSessionAsync(s => s.GetProperty("reason").GetString() == "proxy.guard.denied");
    }

    [Fact]
    public async Task Metrics_TellHowFullTheTableIs()
    {
        await using EchoUpstream echo = new();
        using TempFolder folder = new("guards");
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(listen, echo.EndPoint,
            "\"perSource\": { \"sessions\": 1 }, \"ban\": { \"after\": 1 }").TrimEnd().TrimEnd('}')
            + $", \"admin\": {{ \"socket\": \"{folder["admin.sock"]}\" }} }}");
        using TestClient held = await ServedAsync(listen, One);
        Assert.False(await IsServedAsync(listen, One));
        ProcessResult page = await Curl.RunAsync(folder["admin.sock"], "/metrics");
        string[] lines = [.. page.Output.Split('\n').Where(l => l.StartsWith("fasttcpproxy_guard_", StringComparison.Ordinal))];
        Assert.Equal(["fasttcpproxy_guard_entries 0", "fasttcpproxy_guard_sources 1", "fasttcpproxy_guard_sources_limit 200000",
            "fasttcpproxy_guard_sources_pinned 1", "fasttcpproxy_guard_bans 1", "fasttcpproxy_guard_sources_evicted_total 0",
            "fasttcpproxy_guard_overflow_sessions 0", "fasttcpproxy_guard_overflow_clients_total{result=\"admitted\"} 0",
            "fasttcpproxy_guard_overflow_clients_total{result=\"refused\"} 0"], lines);
    }

    private static async Task<string> EndOfAsync(IPEndPoint listen)
    {
        try
        {
            using TestClient client = await TestClient.ConnectAsync(listen, new IPEndPoint(One, 0));
            return (await client.ReceiveAsync(TimeSpan.FromSeconds(1))).Length == 0 ? "end" : "bytes";
        }
        catch (SocketException)
        {
            return "reset";
        }
        catch (TimeoutException)
        {
            return "nothing";
        }
    }

    private static string Text(IPEndPoint listen, IPEndPoint upstream, string guards, string keys = "") => $$"""
        { "services": [{ "name": "s", "listen": ["{{listen}}"], "mode": "raw", {{keys}} "upstreams": [{ "address": "{{upstream}}" }] }],
          "guards": { {{guards}} } }
        """;

    private static async Task ReloadAsync(ProxyProcess proxy, string mark)
    {
        int lines = proxy.Child.Error.Snapshot().Length;
        proxy.Child.Signal(UnixSignal.Hangup);
        await Eventually.HoldsAsync(() => proxy.Child.Error.Snapshot().Skip(lines).Any(l => l.Contains(mark, StringComparison.Ordinal)),
            $"the log says {mark}", detail: () => proxy.Child.Error.Tail());
    }

    private static async Task<bool> IsServedAsync(IPEndPoint to, IPAddress from)
    {
        using TestClient? client = await TryServedAsync(to, from);
        return client is not null;
    }

    private static async Task<TestClient> ServedAsync(IPEndPoint to, IPAddress from) =>
        await TryServedAsync(to, from) ?? throw new InvalidOperationException($"a client from {from} is not served");

    private static async Task<TestClient?> TryServedAsync(IPEndPoint to, IPAddress from)
    {
        TestClient? client = null;
        try
        {
            client = await TestClient.ConnectAsync(to, new IPEndPoint(from, 0));
            await client.SendAsync("a");
            await client.ReceiveUntilAsync("a");
            return client;
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            client?.Dispose();
            return null;
        }
    }
}
