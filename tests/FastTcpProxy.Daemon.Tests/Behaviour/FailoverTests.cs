using System.Diagnostics;
using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Which upstream a client gets, how soon, and how it learns that there is none. Each test owns its proxy and upstreams.</summary>
public sealed class FailoverTests
{
    /// <summary>
    /// What a busy machine may add to a time that is measured here; less than the default connect timeout, which a fault would add.
    /// </summary>
    private const double SlackMs = 4500;

    [Fact]
    public async Task Primary_Refuses_NextServesAtOnce()
    {
        RefusingUpstream refusing = new();
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [refusing.EndPoint, echo.EndPoint]));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("a:refused b:connected", session.Attempts());
        Assert.InRange(session.ConnectMs(), 0, SlackMs);
        Assert.Equal("b", session.GetProperty("upstream").GetProperty("name").GetString());
        Assert.Equal("5/5", session.Bytes());
    }

    [Fact]
    public async Task Primary_IsSilent_NextServesAfterTheTimeout()
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [silent.EndPoint, echo.EndPoint], keys: "\"connectTimeout\": \"400ms\""));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("a:timedOut b:connected", session.Attempts());
        Assert.InRange(session.AttemptMs(0), 400, 400 + SlackMs);
    }

    [Fact]
    public async Task Primary_NameIsNotResolved_NextServesAtOnce()
    {
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, ["no-such-name.invalid:25", echo.EndPoint]));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("a:unresolved b:connected", session.Attempts());
        Assert.InRange(session.ConnectMs(), 0, SlackMs);
    }

    /// <summary>
    /// The name has two addresses in the hosts file of the proxy's own, and only at the second one someone listens: another service of the
    /// same proxy, as nothing else lives in that network.
    /// </summary>
    [Fact]
    public async Task Name_WithSeveralAddresses_AllAreTriedInOrder()
    {
        RequiresPeer.OwnNetwork();
        using UnixEcho echo = new();
        using TempFolder folder = new("names");
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [
              {{ServiceText.Service("out", [ServiceText.Unix(folder["in"])], ["two.test:4711"])}},
              {{ServiceText.Service("in", ["127.0.0.3:4711"], [ServiceText.Unix(echo.Path)])}},
            ] }
            """,
            new ProxyOptions
            {
                OwnNetwork = true,
                Before = "ip link set lo up; printf '127.0.0.2 two.test\\n127.0.0.3 two.test\\n' >\"$FOLDER/hosts\"; "
                    + "mount --bind \"$FOLDER/hosts\" /etc/hosts",
            });
        using (TestClient client = await Ends.ConnectUnixAsync(folder["in"])) await Ends.AssertEchoAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(s => s.GetProperty("service").GetString() == "out");
        Assert.Equal("a:refused a:connected", session.Attempts());
        Assert.Equal("127.0.0.3:4711", session.GetProperty("upstream").GetProperty("address").GetString());
    }

    /// <summary>
    /// No route, and routes of the kinds unreachable, prohibit (EACCES) and blackhole (EINVAL) of ip-route(8); IPv6 without one.
    /// </summary>
    [Fact]
    public async Task Upstreams_NoRouteOfAnyKind_NextServesAtOnce()
    {
        RequiresPeer.OwnNetwork();
        using UnixEcho echo = new();
        using TempFolder folder = new("route");
        string[] unreachable = ["198.51.100.1:25", "192.0.2.1:25", "192.0.2.2:25", "192.0.2.3:25", "[2001:db8::1]:25"];
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(ServiceText.Unix(folder["in"]), [.. unreachable, ServiceText.Unix(echo.Path)]),
            new ProxyOptions
            {
                OwnNetwork = true,
                Before = "ip link set lo up; ip route add unreachable 192.0.2.1; ip route add prohibit 192.0.2.2; "
                    + "ip route add blackhole 192.0.2.3",
            });
        using (TestClient client = await Ends.ConnectUnixAsync(folder["in"])) await Ends.AssertEchoAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("a:unreachable b:unreachable c:failed d:failed e:unreachable f:connected", session.Attempts());
        Assert.InRange(session.ConnectMs(), 0, SlackMs);
    }

    [Fact]
    public async Task Primary_ComesBack_ServesTheNextClient()
    {
        RefusingUpstream gone = new();
        await using EchoUpstream second = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [gone.EndPoint, second.EndPoint]));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        await using EchoUpstream back = new(gone.EndPoint);
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        Assert.Equal((1, 1), (back.AcceptedCount, second.AcceptedCount));
        await proxy.WaitForSessionAsync(session => session.Attempts() == "a:connected");
    }

    [Theory]
    [InlineData("reset", false)]
    [InlineData("reset", true)]
    [InlineData("close", false)]
    [InlineData("close", true)]
    public async Task SingleUpstream_Fails_ClientLearnsItAsConfigured(string onAllFailed, bool silentUpstream)
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        RefusingUpstream refusing = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen,
            [silentUpstream ? silent.EndPoint : refusing.EndPoint],
            keys: $"\"connectTimeout\": \"300ms\", \"onAllFailed\": \"{onAllFailed}\""));
        long start = Stopwatch.GetTimestamp();
        if (onAllFailed == "reset")
        {
            await Ends.AssertConnectIsResetAsync(listen);
        }
        else
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            if (silentUpstream) await client.SendAsync("what was sent must not turn the close into a reset");
            await Ends.AssertEndAsync(client);
        }
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, silentUpstream ? 300 : 0, 300 + SlackMs);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal(silentUpstream ? "upstream.connect.timedOut" : "upstream.connect.refused", session.Reason());
        Assert.Equal(silentUpstream ? "a:timedOut" : "a:refused", session.Attempts());
        Assert.Equal("0/0", session.Bytes());
    }

    [Fact]
    public async Task TotalConnectTimeout_Over_EndsAllAttempts()
    {
        using SilentUpstream first = await SilentUpstream.StartAsync();
        using SilentUpstream second = await SilentUpstream.StartAsync();
        await using EchoUpstream never = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen,
            [first.EndPoint, second.EndPoint, never.EndPoint],
            keys: "\"connectTimeout\": \"400ms\", \"totalConnectTimeout\": \"600ms\""));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await Ends.AssertResetAsync(client);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("upstream.connect.timedOut", session.Reason());
        Assert.Equal("a:timedOut b:timedOut", session.Attempts());
        Assert.InRange(session.ConnectMs(), 600, 600 + SlackMs);
        Assert.Equal(0, never.AcceptedCount);
    }

    [Fact]
    public async Task UnixUpstream_PathIsMissingOrNoSocket_NextServes()
    {
        using UnixEcho echo = new();
        using TempFolder folder = new("stale");
        string other = folder.Write("file", "not a socket");
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [ServiceText.Unix(folder["missing"]), ServiceText.Unix(other), ServiceText.Unix(echo.Path)]));
        using (TestClient client = await TestClient.ConnectAsync(listen)) await Ends.AssertEchoAsync(client);

        Assert.Equal("a:refused b:refused c:connected", (await proxy.WaitForSessionAsync(_ => true)).Attempts());
    }
}
