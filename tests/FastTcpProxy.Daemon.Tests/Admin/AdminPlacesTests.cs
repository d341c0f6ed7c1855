using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>
/// Who gives way to an operator when as many connections are open as may be: those that are idle, and no others. The clock stands still
/// until a test moves it.
/// </summary>
public sealed class AdminPlacesTests
{
    private static readonly AdminLimits Three = new() { Connections = 3 };

    /// <summary>They would keep their places until the server's own bound for slow readers.</summary>
    [Fact]
    public async Task ReadersThatStop_GiveWay()
    {
        // 2 MB: more than the socket's buffers take.
        FakeStatus status = new(Enumerable.Range(0, 1_000).Select(_ => FakeStatus.Mail).ToArray());
        await using AdminBed bed = await AdminBed.StartAsync(status, Three);
        List<TestClient> stopped = [];
        for (int i = 0; i < 3; i++)
        {
            stopped.Add(await bed.ConnectAsync());
            await stopped[i].SendAsync("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await stopped[i].ReceiveExactlyAsync(1000);
        }
        Assert.Equal("", await AskAsync(bed));

        bed.Time.Advance(AdminLimits.IdleMin);

        await Eventually.HoldsAsync(async () => (await AskAsync(bed)).EndsWith("ok\n", StringComparison.Ordinal), "a command is served");
        lock (bed.Lines)
            Assert.Single(bed.Lines, l => l.Contains(" warning 6216 administrative interface: 3 connections were open"));
        foreach (TestClient client in stopped) client.Dispose();
    }

    [Fact]
    public async Task ConnectionWithoutARequest_GivesWay_TheOldestFirst()
    {
        await using AdminBed bed = await AdminBed.StartAsync(limits: Three);
        List<TestClient> idle = [];
        for (int i = 0; i < 3; i++)
        {
            idle.Add(await bed.ConnectAsync());
            await LiveAsync(idle[i]);
            bed.Time.Advance(AdminLimits.IdleMin / 4);
        }
        // The first one is the newest by this.
        await LiveAsync(idle[0]);
        Assert.Equal("", await AskAsync(bed));
        bed.Time.Advance(AdminLimits.IdleMin / 2);

        Assert.EndsWith("ok\n", await AskAsync(bed));

        Assert.Equal("", await idle[1].ReceiveToEndAsync());
        await LiveAsync(idle[0]);
        await LiveAsync(idle[2]);
        foreach (TestClient client in idle) client.Dispose();
    }

    [Fact]
    public async Task RequestUnderWay_AndStreamWithNothingToSend_KeepTheirPlaces()
    {
        EventRing ring = new(TimeProvider.System);
        OperationalLog log = new(TimeProvider.System, ring);
        TaskCompletionSource asked = new(), answer = new();
        AdminTarget target = new(null!, null!, null!, log)
        {
            Following = new Following(ring, new StepTracing(), SessionIds.Random(), log, TimeProvider.System),
        };
        ImmutableArray<AdminRoute> routes =
        [
            .. new EventRoutes(target).Routes,
            new AdminRoute(HttpMethods.Get, "/v1/long", async request =>
            {
                asked.SetResult();
                await answer.Task;
                await request.Context.Response.WriteAsync("done\n");
            }),
        ];
        await using AdminBed bed = await AdminBed.StartAsync(limits: Three, routes: routes);
        using TestClient stream = await bed.ConnectAsync(), waiting = await bed.ConnectAsync(), idle = await bed.ConnectAsync();
        await stream.SendAsync("GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await stream.ReceiveUntilAsync("event: begin\n");
        await waiting.SendAsync("GET /v1/long HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await asked.Task.WaitAsync(Deadline.Patient);

        // Once the idle one is gone, each command takes the place of the one before.
        for (int i = 0; i < 10; i++)
        {
            bed.Time.Advance(AdminLimits.IdleMin);
            await Eventually.HoldsAsync(async () => (await AskAsync(bed)).EndsWith("ok\n", StringComparison.Ordinal), "it is served");
        }
        Assert.Equal("", await idle.ReceiveToEndAsync());
        Events.AdminTrouble(log, "still followed", null);
        await stream.ReceiveUntilAsync("still followed");
        answer.SetResult();
        Assert.EndsWith("done\n\r\n0\r\n\r\n", await waiting.ReceiveToEndAsync());
    }

    private static async Task LiveAsync(TestClient client)
    {
        await client.SendAsync("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await client.ReceiveUntilAsync("ok\n");
    }

    /// <summary>Empty: it was closed without an answer.</summary>
    private static async Task<string> AskAsync(AdminBed bed)
    {
        try
        {
            return await bed.AskAsync("GET /livez");
        }
        catch (System.Net.Sockets.SocketException)
        {
            return "";
        }
    }
}
