using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// What this machine lacks is no one else's fault: local ports and descriptors run out under checks and sessions. And what only looks like
/// an upstream, or like a failure: a connect that meets itself, a UNIX socket whose queue is full. Each test owns its proxy and its
/// upstreams.
/// </summary>
public sealed class OwnLackTests
{
    /// <summary>Checks that are made before a test says that none of them found what it must not find.</summary>
    private const int Rounds = 30;

    private const string FourPorts = "ip link set lo up; echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range";
    private const string EachTenth = "\"healthCheck\": { \"type\": \"tcp\", \"interval\": \"100ms\", \"onDown\": \"reset\" }";

    private static readonly string PrlimitPath = "/usr/bin/prlimit";

    /// <summary>Four ports towards one address, and a check that needs one.</summary>
    [Fact]
    public async Task NoLocalPort_ChecksSayNothing_SessionsLive_TheReasonIsTheProxys()
    {
        RequiresPeer.OwnNetwork();
        using UnixEcho echo = new();
        using UnixEcho rounds = new();
        using TempFolder folder = new("ports");
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [
              {{ServiceText.Service("out", [ServiceText.Unix(folder["in"])], ["127.0.0.1:4711"], keys: EachTenth)}},
              {{ServiceText.Service("in", ["127.0.0.1:4711"], [ServiceText.Unix(echo.Path)])}},
              {{ServiceText.Service("rounds", [ServiceText.Unix(folder["rounds"])], [ServiceText.Unix(rounds.Path)], keys: EachTenth)}},
            ] }
            """,
            new ProxyOptions { OwnNetwork = true, Before = FourPorts });
        await WaitForLogAsync(proxy, "service out: upstream a is up");
        List<TestClient> clients = [];
        // A check under way may hold the last port for a moment: then this client is told, and another one takes it.
        await Eventually.HoldsAsync(
            () =>
            {
                TestClient client = Ends.ConnectUnixAsync(folder["in"]).GetAwaiter().GetResult();
                if (IsServed(client)) clients.Add(client);
                else client.Dispose();
                return clients.Count == 4;
            },
            "four sessions have the four ports");
        await WaitForLogAsync(proxy,
            "upstream a could not be checked, it stays up: this machine has no local port left for 127.0.0.1:4711");
        await RoundsAsync(rounds);
        using (TestClient fifth = await Ends.ConnectUnixAsync(folder["in"])) await Ends.AssertEndAsync(fifth);

        JsonElement refused = await proxy.WaitForSessionAsync(s => s.Attempts() == "a:noLocalPort");
        Assert.Equal("proxy.connect.noLocalPort", refused.Reason());
        Assert.DoesNotContain(proxy.Child.Error.Snapshot(), line => line.Contains("is down", StringComparison.Ordinal));
        foreach (TestClient client in clients)
        {
            await Ends.AssertEchoAsync(client);
            client.Dispose();
        }
    }

    [Fact]
    public async Task NoDescriptor_ChecksSayNothing()
    {
        Assert.SkipUnless(File.Exists(PrlimitPath), $"{PrlimitPath} is missing (Debian package util-linux)");
        using ManualUpstream upstream = new();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(FreePort.Loopback(), [upstream.EndPoint], keys: EachTenth));
        await WaitForLogAsync(proxy, "upstream a is up");
        string pid = proxy.Child.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        // The lowest limit that a check under way cannot have room in.
        await LimitAsync(pid, "3:");
        await WaitForLogAsync(proxy, "upstream a could not be checked, it stays up: this process has no descriptor left");
        await LimitAsync(pid, "1024:");
        while (upstream.HasConnection) (await upstream.AcceptAsync()).Dispose();
        await Eventually.HoldsAsync(() => upstream.HasConnection, "it is checked again");
        Assert.DoesNotContain(proxy.Child.Error.Snapshot(), line => line.Contains("is down", StringComparison.Ordinal));
        Assert.False(proxy.Child.HasExited);
    }

    /// <summary>One port in four is the dead upstream's own.</summary>
    [Fact]
    public async Task ConnectThatMeetsItself_IsRefused_ToChecksAndSessions()
    {
        RequiresPeer.OwnNetwork();
        using UnixEcho echo = new();
        using TempFolder folder = new("self");
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(ServiceText.Unix(folder["in"]), ["127.0.0.1:40000", "127.0.0.1:40001", ServiceText.Unix(echo.Path)],
                keys: EachTenth.Replace("reset", "keep")),
            new ProxyOptions { OwnNetwork = true, Before = FourPorts });
        await WaitForLogAsync(proxy, "upstream b is down");
        await RoundsAsync(echo);
        for (int i = 0; i < Rounds; i++)
        {
            using TestClient client = await Ends.ConnectUnixAsync(folder["in"]);
            await Ends.AssertEchoAsync(client);
        }
        Assert.DoesNotContain(
            proxy.Child.Error.Snapshot(),
            line => line.Contains("upstream a is up", StringComparison.Ordinal)
            || line.Contains("upstream b is up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FullUnixQueue_ForEver_NextServesWithinTheConnectTimeout()
    {
        using FullUnixQueue full = new();
        await using EchoUpstream next = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [ServiceText.Unix(full.Path), next.EndPoint], keys: "\"connectTimeout\": \"1s\""));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("a:timedOut b:connected", session.Attempts());
        Assert.InRange(session.AttemptMs(0), 1000, 2000);
    }

    [Fact]
    public async Task FullUnixQueue_ForAMoment_IsWaitedFor()
    {
        using FullUnixQueue full = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(ServiceText.Of(listen, [ServiceText.Unix(full.Path)], keys: "\"connectTimeout\": \"1m\""));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await client.SendAsync("hello");
        Deadline moment = Deadline.After(TimeSpan.FromMilliseconds(300));
        await Eventually.HoldsAsync(() => moment.HasPassed, "a moment has passed");
        Assert.Empty(proxy.Sessions());
        full.Drain();
        using (TestClient accepted = TestClient.Take(await full.AcceptAsync()))
            Assert.Equal("hello", Encoding.Latin1.GetString(await accepted.ReceiveExactlyAsync(5)));
    }

    private static bool IsServed(TestClient client)
    {
        try
        {
            Ends.AssertEchoAsync(client).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            return false;
        }
    }

    /// <summary>Checks of the same interval at another upstream stand for those that cannot be seen.</summary>
    private static Task RoundsAsync(UnixEcho checkedToo)
    {
        int before = checkedToo.AcceptedCount;
        return Eventually.HoldsAsync(() => checkedToo.AcceptedCount >= before + Rounds, $"{Rounds} rounds of checks have passed");
    }

    private static async Task LimitAsync(string pid, string limit)
    {
        using ChildProcess prlimit = ChildProcess.Start(PrlimitPath, ["--pid", pid, $"--nofile={limit}"]);
        Assert.Equal(0, await prlimit.WaitForExitAsync());
    }

    private static Task WaitForLogAsync(ProxyProcess proxy, string text) => Eventually.HoldsAsync(
        () => proxy.Child.Error.Snapshot().Any(line => line.Contains(text, StringComparison.Ordinal)), $"the log says: {text}",
        detail: () => proxy.Child.Error.Tail());
}
