using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>The stream of events at the real server, byte for byte, and its limits.</summary>
public sealed class EventStreamTests : IAsyncLifetime
{
    private readonly EventRing _ring = new(TimeProvider.System);
    private Following _following = null!;
    private readonly OperationalLog _log;
    private AdminBed _bed = null!;

    public EventStreamTests() => _log = new OperationalLog(TimeProvider.System, _ring);

    /// <summary>Time enough for any test but the one about it.</summary>
    public async ValueTask InitializeAsync() => _bed = await StartAsync(Deadline.Patient);

    private Task<AdminBed> StartAsync(TimeSpan stallTime)
    {
        _following = new Following(_ring, new StepTracing(), SessionIds.Random(), _log, TimeProvider.System);
        AdminTarget target = new(null!, null!, null!, _log)
        {
            Following = _following, Limits = new AdminLimits { StreamStallTime = stallTime },
        };
        return AdminBed.StartAsync(routes: new EventRoutes(target).Routes);
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Stream_BeginsWithTheProcess_AndSendsWhatHappensAsItHappens()
    {
        Events.AdminServing(_log, "before");
        using TestClient client = await OpenAsync();

        string head = await client.ReceiveUntilAsync("}\n\n");
        Assert.Contains("\r\nContent-Type: text/event-stream\r\n", head);
        Assert.Contains("\r\nCache-Control: no-store\r\n", head);
        Assert.Contains("retry: 1000\n\n", head);
        Assert.Contains($"event: begin\nid: {_ring.Instance}.1\ndata: {{\"instance\":\"{_ring.Instance}\",", head);
        Assert.Contains($"\"pid\":{Environment.ProcessId},", head);

        Events.UpstreamDown(_log, "mail", "a", "refused");
        string message = await client.ReceiveUntilAsync("}\n\n");

        Assert.Contains($"event: log\nid: {_ring.Instance}.2\ndata: {{\"sequence\":2,\"at\":\"", message);
        Assert.Contains("\"id\":5001,\"level\":\"warning\",\"service\":\"mail\",\"upstream\":\"a\",\"author\":null,\"count\":1,"
            + "\"text\":\"service mail: upstream a is down: refused\"}\n\n", message);
    }

    [Fact]
    public async Task LastEventId_OfThisProcess_ResumesBehindIt()
    {
        for (int i = 1; i <= 3; i++) Events.AdminServing(_log, $"path{i}");
        using TestClient client = await OpenAsync("", $"Last-Event-ID: {_ring.Instance}.2\r\n");

        string all = await client.ReceiveUntilAsync("path3\"}\n\n");

        Assert.DoesNotContain("path2", all);
        Assert.DoesNotContain("event: gap", all);
    }

    [Fact]
    public async Task LastEventId_OfAnotherProcess_GetsAGapAndEverything()
    {
        Events.AdminServing(_log, "path1");
        using TestClient client = await OpenAsync("", "Last-Event-ID: abc.700\r\n");

        string all = await client.ReceiveUntilAsync("path1\"}\n\n");

        Assert.Contains("event: gap\ndata: {\"lost\":null,\"why\":\"another process answers now; ", all);
    }

    [Fact]
    public async Task Filters_Choose()
    {
        Events.UpstreamUp(_log, "mail", "a", "1");
        Events.UpstreamDown(_log, "web", "a", "2");
        Events.UpstreamDown(_log, "mail", "a", "3");
        using TestClient client = await OpenAsync("?since=1h&service=mail&level=warning");

        string all = await client.ReceiveUntilAsync("down: 3\"}\n\n");

        Assert.Equal(2, all.Split("event: log\n").Length);
    }

    [Fact]
    public async Task End_SaysWhy_AndOthersMayFollow()
    {
        using TestClient client = await OpenAsync();
        await client.ReceiveUntilAsync("event: begin\n");

        await _following.Streams.EndAsync("the process exits");

        Assert.Contains("event: end\ndata: {\"why\":\"the process exits\"}\n\n", await client.ReceiveUntilAsync("exits\"}\n\n"));
        using TestClient next = await OpenAsync();
        await next.ReceiveUntilAsync("event: begin\n");
    }

    [Fact]
    public async Task Streams_AreBounded_AndAClosedOneMakesRoom()
    {
        List<TestClient> clients = [];
        for (int i = 0; i < AdminLimits.StreamsMax; i++)
        {
            clients.Add(await OpenAsync());
            await clients[^1].ReceiveUntilAsync("event: begin\n");
        }

        string refused = AdminBed.Body(await _bed.AskAsync("GET /v1/events/stream"), 503);
        Assert.Contains($"{AdminLimits.StreamsMax} streams are open, as many as may be", refused);
        clients[0].Dispose();
        // Its place is free when the server has noticed that it has gone.
        await Eventually.HoldsAsync(async () =>
        {
            using TestClient client = await OpenAsync();
            return (await client.ReceiveUntilAsync("\r\n")).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
        }, "there is room again");

        foreach (TestClient client in clients) client.Dispose();
    }

    /// <summary>It holds up neither the log nor another reader, and the log says why it was closed.</summary>
    [Fact]
    public async Task StoppedReader_IsDisconnectedWithAReason()
    {
        await using AdminBed bed = await StartAsync(TimeSpan.FromSeconds(1));
        using TestClient stopped = await OpenAsync(bed: bed);
        await stopped.ReceiveUntilAsync("event: begin\n");
        using TestClient other = await OpenAsync("?level=error");
        await other.ReceiveUntilAsync("event: begin\n");

        EventReader reader = _ring.ReadAfter(_ring.Newest, withSteps: false, out _);
        // More than sockets and pipes hold; a log that waited for the reader would not come to the end of this.
        for (int i = 0; i < EventRing.EventsMax; i++) Events.AdminTrouble(_log, $"{i} {new string('x', 2000)}", null);
        Events.NoneUp(_log, "mail", "0 of 2");

        await other.ReceiveUntilAsync("0 of 2\"}\n\n");
        await Eventually.HoldsAsync(() => reader.Read(int.MaxValue).Any(e => e.Id == 6301
            && e.Text.EndsWith("was closed: its reader took nothing for 1 s", StringComparison.Ordinal)), "it says so");
    }

    [Fact]
    public async Task SlowReader_LosesEvents_AndIsToldHowMany()
    {
        using TestClient slow = await OpenAsync("?level=info");
        await slow.ReceiveUntilAsync("event: begin\n");

        // Within its time, so that it is slow and not stopped.
        for (int i = 0; i < 3 * EventRing.EventsMax; i++) Events.AdminTrouble(_log, $"{i} {new string('x', 2000)}", null);

        Assert.Matches("event: gap\ndata: {\"lost\":[1-9]\\d*,\"why\":\"the reader was too slow for them; ",
            await slow.ReceiveUntilAsync("too slow for them; the operational log has them\"}\n\n"));
    }

    [Fact]
    public async Task Head_HasNoBody() =>
        Assert.Equal("", AdminBed.Body(await _bed.AskAsync("HEAD /v1/events/stream"), 200));

    private async Task<TestClient> OpenAsync(string query = "", string headers = "", AdminBed? bed = null)
    {
        TestClient client = await (bed ?? _bed).ConnectAsync();
        await client.SendAsync($"GET /v1/events/stream{query} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        return client;
    }
}
