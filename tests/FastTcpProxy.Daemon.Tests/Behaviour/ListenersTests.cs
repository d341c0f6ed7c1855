using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Where the proxy listens, and what it says when it cannot. Each test owns its proxy, its upstream and its folder.</summary>
public sealed class ListenersTests
{
    [Fact]
    public async Task Service_SeveralListeners_AllServe()
    {
        await using HeaderUpstream upstream = new();
        using TempFolder folder = new("listen");
        IPEndPoint v4 = FreePort.On("127.0.0.1");
        IPEndPoint v4Other = FreePort.On("127.0.0.9");
        IPEndPoint v6 = FreePort.LoopbackV6();
        string path = folder["in"];
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of([v4, v4Other, v6, ServiceText.Unix(path)], [upstream.EndPoint], "proxy-v1"));

        foreach (IPEndPoint listen in (IPEndPoint[])[v4, v4Other, v6])
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            await Ends.AssertEchoAsync(client);
            Assert.Equal(HeaderText.V1(client.LocalEndPoint, listen), HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
            JsonElement session = await SessionOfAsync(proxy, client, listen.ToString());
            Assert.Equal(client.LocalEndPoint.ToString(), session.Client());
        }
        using (TestClient client = await Ends.ConnectUnixAsync(path))
        {
            await Ends.AssertEchoAsync(client);
            Assert.Equal("PROXY UNKNOWN\r\n", HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
            Assert.Equal("unix", (await SessionOfAsync(proxy, client, ServiceText.Unix(path))).Client());
        }
    }

    /// <summary>
    /// One address for both families, or one for each on the same port: a client of IPv4 is announced as one in either case.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wildcards_BothFamiliesOnOnePort_ServeBoth(bool dualStack)
    {
        await using HeaderUpstream upstream = new();
        int port = FreePort.Next();
        string any4 = $"0.0.0.0:{port}", any6 = $"[::]:{port}";
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(dualStack ? [any6] : [any4, any6], [upstream.EndPoint], "proxy-v1"));

        foreach (IPAddress address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            IPEndPoint listen = new(address, port);
            using TestClient client = await TestClient.ConnectAsync(listen);
            await Ends.AssertEchoAsync(client);
            Assert.Equal(HeaderText.V1(client.LocalEndPoint, listen), HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
            await SessionOfAsync(proxy, client, dualStack || address.Equals(IPAddress.IPv6Loopback) ? any6 : any4);
        }
    }

    [Fact]
    public async Task UnixListener_FileOfADeadProcess_IsReplaced()
    {
        await using EchoUpstream upstream = new();
        using TempFolder folder = new("listen");
        string configuration = ServiceText.Of(ServiceText.Unix(folder["in"]), [upstream.EndPoint]);
        using (ProxyProcess dead = await ProxyProcess.StartAsync(configuration))
        {
            dead.Child.Signal(UnixSignal.Kill);
            await dead.Child.WaitForExitAsync();
        }
        Assert.True(File.Exists(folder["in"]), "the dead process left its file");

        // The file alone does not say that the new one listens already.
        using ProxyProcess proxy = await ProxyProcess.StartAsync(configuration);
        await proxy.Child.Error.WaitForLineAsync(line => line.Contains(" 1002 ", StringComparison.Ordinal), "the proxy is ready");
        using (TestClient client = await Ends.ConnectUnixAsync(folder["in"])) await Ends.AssertEchoAsync(client);
        Assert.Equal(0, await proxy.StopAsync());
        Assert.False(File.Exists(folder["in"]), "the file goes with its process");
    }

    [Fact]
    public async Task UnixListener_ServedByAnotherProcess_IsAConflictAndStaysServed()
    {
        await using EchoUpstream upstream = new();
        using UnixEcho other = new();
        await AssertCannotListenAsync(upstream.EndPoint, [ServiceText.Unix(other.Path)], "served by another process",
            ServiceText.Unix(other.Path));
        Assert.Equal(0, other.AcceptedCount);

        using TestClient client = await Ends.ConnectUnixAsync(other.Path);
        await Ends.AssertEchoAsync(client);
    }

    [Fact]
    public async Task UnixListener_AnotherKindOfFile_IsAConflictAndStays()
    {
        await using EchoUpstream upstream = new();
        using TempFolder folder = new("listen");
        string path = folder.Write("precious", "not a socket");

        await AssertCannotListenAsync(upstream.EndPoint, [ServiceText.Unix(path)], "a file that is not a socket is there",
            ServiceText.Unix(path));

        Assert.Equal("not a socket", File.ReadAllText(path));
    }

    /// <summary>All or nothing: each address that cannot be had is named, and none of the others is touched.</summary>
    [Fact]
    public async Task Addresses_SomeInUse_AllOfThemAreNamed()
    {
        using ManualUpstream first = new(FreePort.Loopback());
        using ManualUpstream second = new(FreePort.LoopbackV6());
        using TempFolder folder = new("listen");
        string path = folder["in"];
        await AssertCannotListenAsync(
            new RefusingUpstream().EndPoint,
            [first.EndPoint, FreePort.Loopback(), second.EndPoint, ServiceText.Unix(path)],
            "in use", first.EndPoint.ToString(), second.EndPoint.ToString());
        Assert.False(File.Exists(path), "a path that was had for a moment is left behind");
    }

    [Fact]
    public async Task Address_OfAnotherProxy_IsAConflictThoughItSharesThePortAmongItsThreads()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        string configuration = ServiceText.Of(listen, [upstream.EndPoint], engine: "\"threads\": 2");
        using ProxyProcess running = await ProxyProcess.StartAsync(configuration);

        await AssertCannotListenAsync(upstream.EndPoint, [listen], "in use", listen.ToString());

        using TestClient client = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(client);
    }

    [Fact]
    public async Task Address_NotOfThisMachine_IsNamed()
    {
        await using EchoUpstream upstream = new();
        await AssertCannotListenAsync(upstream.EndPoint, ["192.0.2.77:4711"], "no such address", "192.0.2.77:4711");
    }

    private static async Task AssertCannotListenAsync(IPEndPoint upstream, object[] listen, params string[] said)
    {
        using TempFolder folder = new("conflict");
        string file = folder.Write("proxy.json", ServiceText.Of(listen, [upstream]));
        ProcessResult result = await ProxyExecutable.RunAsync(["run", "--config", file]);

        Assert.Equal(1, result.ExitCode);
        foreach (string text in said) Assert.Contains(text, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.DoesNotContain(" 1002 ", result.Error);
    }

    private static async Task<JsonElement> SessionOfAsync(ProxyProcess proxy, TestClient client, string listener)
    {
        client.HalfClose();
        await Ends.AssertEndAsync(client);
        JsonElement session = await proxy.WaitForSessionAsync(s => s.GetProperty("listener").GetString() == listener);
        Assert.Equal("client.relay.ended", session.Reason());
        return session;
    }
}
