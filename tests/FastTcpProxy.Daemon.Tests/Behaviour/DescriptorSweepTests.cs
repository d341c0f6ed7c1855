using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// Few descriptors, and all that may hold some does: sessions, administrative connections, checks, reloads. Below what the program needs it says so and does not start; from
/// there on nothing ends it.
/// </summary>
public sealed partial class DescriptorSweepTests
{
    private const int Clients = 120, AdminClients = 120;

    [Fact]
    public async Task Limits_FromTooFewUp_AreRefusedOrSurviveEverythingAtOnce()
    {
        await using EchoUpstream upstream = new();
        int needed = await FindNeededAsync(upstream.EndPoint);
        foreach (int less in new[] { 1, 10, 40 })
        {
            // What is open at the start differs by a few from run to run.
            InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(upstream.EndPoint, FreePort.Loopback(), needed - 4 - less));
            Assert.Contains("expected at least", refused.Message);
        }
        for (int more = 4; more <= 104; more += 20) await UseEverythingAsync(upstream.EndPoint, needed + more);
    }

    private static async Task<int> FindNeededAsync(IPEndPoint upstream)
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(upstream, FreePort.Loopback(), 140));
        return int.Parse(Needed().Match(refused.Message).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static async Task UseEverythingAsync(IPEndPoint upstream, int limit)
    {
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await StartAsync(upstream, listen, limit);
        string socket = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "admin.sock");
        await ServedSocket.AwaitAsync(socket, "the administrative interface is there");
        List<Socket> open = [];
        try
        {
            for (int i = 0; i < AdminClients; i++) TryConnect(open, new UnixDomainSocketEndPoint(socket));
            for (int i = 0; i < Clients; i++) TryConnect(open, listen);
            foreach (Socket client in open) TrySend(client);
            for (int i = 0; i < 5; i++)
            {
                proxy.Child.Signal(UnixSignal.Hangup);
                int reloads = i;
                await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 6110 ", StringComparison.Ordinal) || l.Contains(" 6111 ", StringComparison.Ordinal), $"reload {reloads} is done");
            }
            Assert.True(open.Count > AdminClients / 2, $"{open.Count} connections");
            Assert.False(proxy.Child.HasExited, $"limit {limit}: {proxy.Child.Error.Tail()}");
        }
        finally
        {
            foreach (Socket client in open) client.Dispose();
        }
        using TestClient later = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(later);
        later.HalfClose();
        await Ends.AssertEndAsync(later);
        Assert.Equal(0, await proxy.StopAsync());
    }

    private static void TryConnect(List<Socket> open, EndPoint to)
    {
        Socket client = new(to.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            client.Connect(to);
            open.Add(client);
        }
        catch (SocketException)
        {
            // The queue is full: the program is at its limit, which is what is wanted.
            client.Dispose();
        }
    }

    private static void TrySend(Socket client)
    {
        try
        {
            client.Send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
        }
        catch (SocketException)
        {
            // Closed already: one too many.
        }
    }

    private static Task<ProxyProcess> StartAsync(IPEndPoint upstream, IPEndPoint listen, int limit)
    {
        string upstreams = string.Join(",", Enumerable.Range(0, 20).Select(i =>
            $$"""{ "name": "u{{i}}", "address": "{{upstream}}", "healthCheck": { "type": "tcp", "interval": "100ms", "timeout": "50ms" } }"""));
        return ProxyProcess.StartAsync(
            $$"""
            { "services": [{ "name": "s", "listen": ["{{listen}}"], "mode": "raw", "upstreams": [{{upstreams}}] }],
              "engine": { "threads": 2 }, "admin": { "socket": "$FOLDER/admin.sock" } }
            """,
            new ProxyOptions { Before = $"sed -i \"s|\\$FOLDER|$FOLDER|\" \"$FOLDER/proxy.json\"; ulimit -n {limit}" });
    }

    [GeneratedRegex("expected at least ([0-9]+)")]
    private static partial Regex Needed();
}
