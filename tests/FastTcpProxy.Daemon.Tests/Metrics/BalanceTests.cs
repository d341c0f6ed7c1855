using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Admin.Routes;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>
/// The real program under faults of every kind, with a session log that no one reads: records may be dropped, counts may not. Read from
/// the page alone.
/// </summary>
public sealed class BalanceTests
{
    private const string Accepted = "fasttcpproxy_sessions_accepted_total", Ended = "fasttcpproxy_sessions_ended_total",
        Active = "fasttcpproxy_sessions_active", Failures = "fasttcpproxy_connect_failures_total",
        Connects = "fasttcpproxy_connect_seconds_count", Sessions = "fasttcpproxy_upstream_sessions_active",
        Dropped = "fasttcpproxy_log_records_dropped_total";

    /// <summary>More than the rings of two loops, the pipe and a batch hold.</summary>
    private const int Refused = 12_000;

    private const int Visitors = 8;

    [Fact]
    public async Task Faults_OfEveryKind_EverythingThatBeganIsCountedAtItsEnd()
    {
        using TempFolder folder = new("balance");
        await using EchoUpstream last = new();
        await using ResettingUpstream resetting = new(), resetsAlone = new();
        EchoUpstream killed = new();
        using Socket hole = MakeHole();
        IPEndPoint mixed = FreePort.Loopback(), broken = FreePort.Loopback(), full = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync($$"""
            { "services": [
                {{ServiceText.Service("mixed", [mixed], [new RefusingUpstream().EndPoint, hole.LocalEndPoint!, killed.EndPoint,
                    resetting.EndPoint, last.EndPoint], keys: "\"connectTimeout\": \"50ms\"")}},
                {{ServiceText.Service("broken", [broken], [new RefusingUpstream().EndPoint, resetsAlone.EndPoint])}},
                {{ServiceText.Service("full", [full], [last.EndPoint], keys: "\"maxSessions\": 1")}} ],
              "admin": { "socket": "{{folder["admin.sock"]}}" } }
            """, new ProxyOptions { Before = "mkfifo \"$FOLDER/pipe\"; exec 3<>\"$FOLDER/pipe\" >&3" });
        await ServedSocket.AwaitAsync(folder["admin.sock"], "the administrative socket is there");
        using AdminHttp http = new(folder["admin.sock"]);

        int clients = 0;
        Task visits = VisitAsync([mixed, broken], rounds: 40, () => Interlocked.Increment(ref clients));
        await Eventually.HoldsAsync(() => killed.AcceptedCount > 10, "the upstream that will be gone has sessions");
        await killed.DisposeAsync();
        await visits;
        await WithoutDescriptorsAsync(proxy, () => VisitAsync([mixed], rounds: 3, () => Interlocked.Increment(ref clients)));
        using (TestClient holder = await TestClient.ConnectAsync(full))
        {
            await Ends.AssertEchoAsync(holder);
            await RefuseAsync(full);
        }

        PrometheusSamples page = null!;
        await Eventually.HoldsAsync(async () =>
        {
            page = new PrometheusSamples((await http.GetAsync("/metrics")).Body);
            return Sum(page, Active) == 0 && Sum(page, Accepted) >= clients + Refused + 1;
        }, "all sessions have ended");
        Assert.True(Sum(page, Dropped) > 0, "the log was held up long enough to lose records");
        Assert.Equal(clients, Sum(page, Accepted, "service=mixed") + Sum(page, Accepted, "service=broken"));
        Assert.Equal(Refused + 1, Sum(page, Accepted, "service=full"));
        foreach (string service in (string[])["service=mixed", "service=broken", "service=full"])
            Assert.Equal(Sum(page, Accepted, service), Sum(page, Ended, service));
        AssertAttempts(page);
        foreach (string outcome in (string[])["refused", "timedOut"])
            Assert.True(Sum(page, Failures, $"outcome={outcome}") > 0, $"connects were {outcome}");
        Assert.True(Sum(page, "fasttcpproxy_accept_pauses_total", "cause=descriptors") > 0, "descriptors were missed");
        Assert.Equal(0, page["fasttcpproxy_faults_total{}"]);
    }

    private static void AssertAttempts(PrometheusSamples page)
    {
        string[] upstreams =
            [.. page.Series.Where(s => s.StartsWith(Sessions, StringComparison.Ordinal)).Select(s => s[Sessions.Length..])];
        Assert.NotEmpty(upstreams);
        foreach (string upstream in upstreams)
        {
            string owner = upstream.Trim('{', '}');
            Assert.Equal(Sum(page, Failures, owner), Sum(page, Connects, owner, "outcome=failed"));
            Assert.Equal(0, page[Sessions + upstream]);
        }
        Assert.Equal(0, Sum(page, "fasttcpproxy_connects_pending"));
        Assert.Equal(Sum(page, Connects, "outcome=connected"), Sum(page, Ended, "phase=relay"));
        Assert.True(Sum(page, Connects, "outcome=connected") > 0, "some clients got to an upstream");
    }

    /// <summary>Of all series of a metric that have these labels, which may stand in any order.</summary>
    private static double Sum(PrometheusSamples page, string metric, params string[] labels) => page.Series
        .Where(s => s.StartsWith(metric + "{", StringComparison.Ordinal))
        .Where(s => labels.SelectMany(l => l.Split(',')).All(s[metric.Length..].Trim('{', '}').Split(',').Contains))
        .Sum(s => page[s]);

    /// <summary>Clients that end in order, break off, say nothing, or leave before they are connected.</summary>
    private static async Task VisitAsync(IPEndPoint[] services, int rounds, Action count)
    {
        await Task.WhenAll(Enumerable.Range(0, Visitors).Select(async visitor =>
        {
            for (int i = 0; i < rounds; i++)
            {
                count();
                await VisitAsync(services[(visitor + i) % services.Length], (visitor + i) % 5 == 4, endsInOrder: i % 2 == 0);
            }
        }));
    }

    private static async Task VisitAsync(IPEndPoint service, bool resets, bool endsInOrder)
    {
        try
        {
            using TestClient client = await TestClient.ConnectAsync(service);
            if (resets)
            {
                client.Reset();
                return;
            }
            await client.SendAsync("hello");
            if (!endsInOrder) return;
            client.HalfClose();
            await client.ReceiveToEndAsync();
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException)
        {
            // One of the faults: a reset may come before the connect is seen to have succeeded.
        }
    }

    /// <summary>More clients than the service may have: each is accepted, refused and recorded.</summary>
    private static async Task RefuseAsync(IPEndPoint full)
    {
        await Task.WhenAll(Enumerable.Range(0, Visitors).Select(async _ =>
        {
            byte[] nothing = new byte[1];
            for (int i = 0; i < Refused / Visitors; i++)
            {
                try
                {
                    using TestClient client = await TestClient.ConnectAsync(full);
                    await client.Socket.ReceiveAsync(nothing);
                }
                catch (SocketException)
                {
                    // It was reset.
                }
            }
        }));
    }

    /// <summary>The process has no descriptor left while clients come, and gets its limit back while they wait.</summary>
    private static async Task WithoutDescriptorsAsync(ProxyProcess proxy, Func<Task> visit)
    {
        await LimitAsync(proxy, proxy.Child.DescriptorCount);
        Task visits = visit();
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 4000 ", StringComparison.Ordinal), "accepting pauses");
        await LimitAsync(proxy, 20_000);
        await visits;
    }

    private static async Task LimitAsync(ProxyProcess proxy, int limit)
    {
        string pid = proxy.Child.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        ProcessResult prlimit = await ChildProcess.RunAsync("/usr/bin/prlimit", ["--pid", pid, $"--nofile={limit}:20000"]);
        Assert.Equal(0, prlimit.ExitCode);
    }

    /// <summary>A listener whose queue is full: connects to it are not answered.</summary>
    private static Socket MakeHole()
    {
        Socket hole = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hole.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        hole.Listen(0);
        for (int i = 0; i < 4; i++)
        {
            Socket filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            try
            {
                filler.Connect(hole.LocalEndPoint!);
            }
            catch (SocketException)
            {
                // Under way.
            }
        }
        return hole;
    }
}
