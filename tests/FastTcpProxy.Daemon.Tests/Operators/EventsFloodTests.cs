using System.Diagnostics;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Load;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operators;

/// <summary>A flood of events with readers that are stopped: the real server, in this process, and the real command beside it.</summary>
[Collection(LoadCollection.Name)]
public sealed class EventsFloodTests
{
    private const int Flood = 50_000;

    /// <summary>What a stream may hold: a batch of events as they are sent, and its pipe.</summary>
    private const long BytesPerStream = 2 << 20;

    private readonly EventRing _ring = new(TimeProvider.System);

    [Fact]
    public async Task StoppedReaders_HoldABoundedMemory_AndHoldUpNobody()
    {
        OperationalLog log = new(TimeProvider.System, _ring);
        AdminTarget target = new(null!, null!, null!, log)
        {
            Following = new Following(_ring, new StepTracing(), SessionIds.Random(), log, TimeProvider.System),
            // They stay as long as the test.
            Limits = new AdminLimits { StreamStallTime = TimeSpan.FromMinutes(5) },
        };
        await using AdminBed bed = await AdminBed.StartAsync(routes: new EventRoutes(target).Routes);
        // The ring is full before anything is measured.
        Publish(log, "before");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        List<TestClient> stopped = [];
        for (int i = 0; i < AdminLimits.StreamsMax - 2; i++) stopped.Add(await OpenAsync(bed, ""));
        using TestClient other = await OpenAsync(bed, "?level=error");
        using ChildProcess command = ChildProcess.Start(ProxyExecutable.FilePath,
            ["events", "--follow", "--socket", bed.Path], ProxyExecutable.Environment);
        await Eventually.HoldsAsync(() =>
        {
            Events.AdminTrouble(log, $"{Stopwatch.GetTimestamp()}", null);
            return command.Output.Count > 0;
        }, "the command follows");
        command.Signal(UnixSignal.Stop);

        Publish(log, "flood");
        Events.NoneUp(log, "mail", "0 of 2");

        await other.ReceiveUntilAsync("0 of 2\"}\n\n");
        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(held, long.MinValue, AdminLimits.StreamsMax * BytesPerStream);
        Assert.EndsWith("ok\n", await bed.AskAsync("GET /livez"));
        command.Signal(UnixSignal.Continue);
        await command.Error.WaitForLineAsync(
            l => l.StartsWith("warning: ", StringComparison.Ordinal) && l.Contains(" events are missing here: the reader was too slow"),
            "the command says what it has missed");
        foreach (TestClient client in stopped) client.Dispose();
    }

    /// <summary>Different ones, or they would be summed; each fills several pieces of a pipe's memory.</summary>
    private static void Publish(OperationalLog log, string what)
    {
        for (int i = 0; i < Flood; i++) Events.AdminTrouble(log, $"{what} {i} {new string('x', 1000)}", null);
    }

    private static async Task<TestClient> OpenAsync(AdminBed bed, string query)
    {
        TestClient client = await bed.ConnectAsync();
        await client.SendAsync($"GET /v1/events/stream{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await client.ReceiveUntilAsync("event: begin\n");
        return client;
    }
}
