using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Daemon.Tests.Faults;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// Few descriptors, and all that may hold some does: sessions, administrative connections of both kinds, look-ups of names, checks,
/// reloads. Below what the program needs it says so and does not start; from there on nothing ends it. Some of the limits are tried; with
/// FASTTCPPROXY_FAULTS=all each of them.
/// </summary>
public sealed partial class DescriptorSweepTests
{
    private const int Clients = 120, AdminClients = 120, TcpAdminClients = 60, Names = 12;

    /// <summary>What is open at the start differs by a few from run to run.</summary>
    private const int Spread = 4;

    private const int Range = 100;

    private static readonly string Token = new('t', 32);

    private static IEnumerable<int> TooFew => CallFault.RunsAll ? Enumerable.Range(1, Range) : [1, 10, 40];

    private static IEnumerable<int> Enough => CallFault.RunsAll ? Enumerable.Range(0, Range + 1) : [0, 40, Range];

    /// <summary>
    /// Made by root, whom the program has mounts of its own for: its name server is silent, so that each look-up takes ten seconds. Without
    /// root no names are looked up.
    /// </summary>
    private static bool LooksNamesUp => Environment.IsPrivilegedProcess;

    [Fact]
    public async Task Limits_FromTooFewUp_AreRefusedOrSurviveEverythingAtOnce()
    {
        await using EchoUpstream upstream = new();
        using Socket? silent = LooksNamesUp ? SilentNameServer() : null;
        int needed = await FindNeededAsync(upstream.EndPoint);
        foreach (int less in TooFew)
        {
            InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(
                () => StartAsync(upstream.EndPoint, FreePort.Loopback(), FreePort.Loopback(), needed - Spread - less));
            Assert.Contains("expected at least", refused.Message);
        }
        foreach (int more in Enough) await UseEverythingAsync(upstream.EndPoint, needed + Spread + more, silent);
    }

    private static async Task<int> FindNeededAsync(IPEndPoint upstream)
    {
        InvalidOperationException refused =
            await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(upstream, FreePort.Loopback(), FreePort.Loopback(), 140));
        return int.Parse(Needed().Match(refused.Message).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static async Task UseEverythingAsync(IPEndPoint upstream, int limit, Socket? nameServer)
    {
        IPEndPoint listen = FreePort.Loopback(), admin = FreePort.Loopback();
        using ProxyProcess proxy = await StartAsync(upstream, listen, admin, limit, nameServer);
        string socket = Path.Combine(Path.GetDirectoryName(proxy.ConfigurationPath)!, "admin.sock");
        await ServedSocket.AwaitAsync(socket, "the administrative interface is there");
        List<Socket> open = [];
        try
        {
            for (int i = 0; i < AdminClients; i++) TryConnect(open, new UnixDomainSocketEndPoint(socket));
            for (int i = 0; i < TcpAdminClients; i++) TryConnect(open, admin);
            for (int i = 0; i < Clients; i++) TryConnect(open, listen);
            foreach (Socket client in open) TrySend(client);
            for (int i = 0; i < 5; i++)
            {
                proxy.Child.Signal(UnixSignal.Hangup);
                int reloads = i;
                await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 6110 ", StringComparison.Ordinal)
                    || l.Contains(" 6111 ", StringComparison.Ordinal), $"reload {reloads} is done");
            }
            Assert.True(open.Count > AdminClients / 2, $"{open.Count} connections");
            // Asked for names, and never answered.
            Assert.True(nameServer is null || nameServer.Available > 0, "no name is looked up");
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
            client.Send(Encoding.ASCII.GetBytes($"GET /livez HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {Token}\r\n\r\n"));
        }
        catch (SocketException)
        {
            // Closed already: one too many.
        }
    }

    /// <summary>At an address of its own of this machine, as look-ups know one port only.</summary>
    private static Socket SilentNameServer()
    {
        Socket server = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(
            new IPAddress((ReadOnlySpan<byte>)[127, 53, (byte)(Environment.ProcessId >> 8), (byte)Environment.ProcessId]), 53));
        return server;
    }

    private static Task<ProxyProcess> StartAsync(IPEndPoint upstream, IPEndPoint listen, IPEndPoint admin, int limit,
        Socket? nameServer = null)
    {
        IEnumerable<string> upstreams = Enumerable.Range(0, 20).Select(i =>
            $$"""{ "name": "u{{i}}", "address": "{{upstream}}", "healthCheck": { "type": "tcp", "interval":"""
            + """ "100ms", "timeout": "50ms" } }""");
        if (LooksNamesUp)
            upstreams = upstreams.Concat(
                Enumerable.Range(0, Names).Select(i => $$"""{ "name": "n{{i}}", "address": "n{{i}}.sweep.test:25" }"""));
        string asks = nameServer is null ? "" : $"echo nameserver {((IPEndPoint)nameServer.LocalEndPoint!).Address} "
            + ">\"$FOLDER/resolv.conf\"; mount --bind \"$FOLDER/resolv.conf\" /etc/resolv.conf; ";
        return ProxyProcess.StartAsync(
            $$"""
            { "services": [{ "name": "s", "listen": ["{{listen}}"], "mode": "raw", "dnsRefresh": "1s", "upstreams": [{{string.Join(",", upstreams)}}] }],
              "engine": { "threads": 2 }, "admin": { "socket": "$FOLDER/admin.sock", "listen": ["{{admin}}"], "tokenFile": "$FOLDER/token" } }
            """,
            new ProxyOptions
            {
                OwnMounts = nameServer is not null,
                Before = $"sed -i \"s|\\$FOLDER|$FOLDER|g\" \"$FOLDER/proxy.json\"; umask 077; "
                    + $"echo {Token} >\"$FOLDER/token\"; {asks}ulimit -n {limit}",
            });
    }

    [GeneratedRegex("expected at least ([0-9]+)")]
    private static partial Regex Needed();
}
