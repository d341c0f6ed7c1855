using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Signals. Each test owns its proxy and upstream.</summary>
public sealed class DrainTests
{
    private const string Patient = "\"drainTimeout\": \"20s\"";

    [Fact]
    public async Task Sigterm_NewClientsAreRefusedAndLiveOnesFinish()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], engine: Patient));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(client);
        proxy.Child.Signal(UnixSignal.Terminate);
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(listen), "it has stopped listening");

        SocketException error = await Assert.ThrowsAsync<SocketException>(() => TestClient.ConnectAsync(listen));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        await Ends.AssertEchoAsync(client, "still served");
        client.HalfClose();
        await Ends.AssertEndAsync(client);

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
        Assert.Equal("client.relay.ended", (await proxy.WaitForSessionAsync(_ => true)).Reason());
    }

    /// <summary>A session in every phase: proxied, in its connect, reading a header.</summary>
    [Fact]
    public async Task DrainTimeout_Over_EverySessionIsResetAndGetsItsRecord()
    {
        await using EchoUpstream upstream = new();
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        IPEndPoint proxied = FreePort.Loopback(), connecting = FreePort.Loopback(), reading = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync($$"""
            { "services": [
              {{ServiceText.Service("proxied", [proxied], [upstream.EndPoint])}},
              {{ServiceText.Service("connecting", [connecting], [silent.EndPoint], keys: "\"connectTimeout\": \"30s\"")}},
              {{ServiceText.Service("reading", [reading], [upstream.EndPoint], keys: "\"acceptProxy\": { \"from\": [\"127.0.0.1\"], \"timeout\": \"30s\" }")}},
            ], "engine": { "drainTimeout": "600ms" } }
            """);
        using TestClient first = await TestClient.ConnectAsync(proxied);
        await Ends.AssertEchoAsync(first);
        using TestClient second = await TestClient.ConnectAsync(connecting);
        using TestClient third = await TestClient.ConnectAsync(reading);
        await third.SendAsync("PROXY");
        await Eventually.HoldsAsync(
            () => ListeningSockets.QueueLength(connecting) == 0 && ListeningSockets.QueueLength(reading) == 0, "all are accepted");
        long start = Stopwatch.GetTimestamp();
        proxy.Child.Signal(UnixSignal.Terminate);
        foreach (TestClient client in (TestClient[])[first, second, third]) await Ends.AssertResetAsync(client);

        Assert.Equal(0, await proxy.Child.WaitForExitAsync());
        // Long before the sessions would have ended by themselves.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 600, 20_000);
        await proxy.Child.Output.Ended.WaitAsync(Deadline.Patient);
        Assert.Equal(
            ["operator.connect.drained", "operator.header.drained", "operator.relay.drained"],
            proxy.Sessions().Select(session => session.Reason()).Order());
    }

    [Fact]
    public async Task Sighup_IsSurvived()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint]));
        using TestClient client = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(client);
        proxy.Child.Signal(UnixSignal.Hangup);
        await proxy.Child.Error.WaitForLineAsync(line => line.Contains("SIGHUP", StringComparison.Ordinal), "that it has seen SIGHUP");

        await Ends.AssertEchoAsync(client, "as before");
        using TestClient next = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(next);
    }
}
