using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>More clients than the configuration or the machine allows. Each test owns its proxy and upstream.</summary>
public sealed class LimitsTests
{
    /// <summary>Ticks of /proc/PID/stat in a second (USER_HZ, proc(5)).</summary>
    private const double TicksPerSecond = 100;

    [Theory]
    [InlineData("\"maxSessions\": 2", "")]
    [InlineData("", "\"maxSessions\": 2")]
    public async Task MaxSessions_Reached_NextIsResetUntilThereIsRoom(string keys, string engine)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: keys, engine: engine));
        using TestClient first = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(first);
        using TestClient second = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(second);
        await Ends.AssertConnectIsResetAsync(listen);

        Assert.Equal("", (await proxy.WaitForSessionAsync(session => session.Reason() == "proxy.guard.limitReached")).Attempts());
        first.HalfClose();
        await Ends.AssertEndAsync(first);
        await proxy.WaitForSessionAsync(session => session.Reason() == "client.relay.ended");
        using TestClient third = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(third);
        await Ends.AssertEchoAsync(second);
        Assert.Equal(3, upstream.AcceptedCount);
    }

    [Fact]
    public async Task MaxSessions_OfOneService_LeavesTheOtherAlone()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint narrow = FreePort.Loopback();
        IPEndPoint wide = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync($$"""
            { "services": [
              {{ServiceText.Service("narrow", [narrow], [upstream.EndPoint], keys: "\"maxSessions\": 1")}},
              {{ServiceText.Service("wide", [wide], [upstream.EndPoint])}},
            ] }
            """);
        using TestClient first = await TestClient.ConnectAsync(narrow);
        await Ends.AssertEchoAsync(first);
        await Ends.AssertConnectIsResetAsync(narrow);
        using TestClient other = await TestClient.ConnectAsync(wide);
        await Ends.AssertEchoAsync(other);
    }

    [Fact]
    public async Task Descriptors_TooFew_ClientsWaitWithoutSpinningAndAreServedLater()
    {
        const int clients = 180;
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [upstream.EndPoint], engine: "\"threads\": 2"), new ProxyOptions { Before = "ulimit -n 240" });
        int socketsBefore = proxy.Child.SocketCount;
        List<TestClient> all = [];
        for (int i = 0; i < clients; i++) all.Add(await TestClient.ConnectAsync(listen));
        foreach (TestClient client in all) await client.SendAsync("hello");
        await Eventually.HoldsAsync(() => all.Count(client => client.Socket.Available == 5) > 5, "some are served");
        string said = await proxy.Child.Error.WaitForLineAsync(line => line.Contains(" 4000 ", StringComparison.Ordinal),
            "that it waits for descriptors");
        Assert.Contains("as many sessions as its descriptors allow: raise its hard limit (LimitNOFILE, ulimit -Hn)", said);

        // Three seconds of it: what it costs, and what is said.
        double busyBefore = BusySeconds(proxy.Child.Id);
        long saidBefore = proxy.Child.Error.Count;
        Deadline over = Deadline.After(TimeSpan.FromSeconds(3));
        await Eventually.HoldsAsync(() => over.HasPassed, "three seconds are over");
        double busy = BusySeconds(proxy.Child.Id) - busyBefore;
        Assert.True(busy < 0.3, $"{busy:0.00} s of processor time in 3 s");
        Assert.InRange(proxy.Child.Error.Count - saidBefore, 0, 5);

        // Each that leaves makes room for one that waits, until everyone was served.
        int answered = 0;
        while (all.Count > 0)
        {
            List<TestClient> ready = [];
            await Eventually.HoldsAsync(
                () =>
                {
                    ready = [.. all.Where(client => client.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))];
                    return ready.Count > 0;
                },
                "a waiting client is served",
                detail: () => $"{all.Count} wait");
            foreach (TestClient client in ready)
            {
                Assert.Equal(5, client.Socket.Available);
                answered++;
                client.Dispose();
                all.Remove(client);
            }
        }
        Assert.Equal(clients, answered);
        await Eventually.EqualsAsync(socketsBefore, () => proxy.Child.SocketCount, "no socket is left");
    }

    /// <summary>utime and stime, the 14th and 15th field; the second one may hold spaces and ends with the last parenthesis.</summary>
    private static double BusySeconds(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))
            / TicksPerSecond;
    }
}
