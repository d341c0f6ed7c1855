using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.Metrics;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// The export of metrics over a take-over: what a process has counted is in the sums of the next one, so that both would count it twice.
/// Real processes.
/// </summary>
public sealed class TakeOverExportTests
{
    private const string Started = "process_start_time_seconds{}", Accepted = "fasttcpproxy_sessions_accepted_total{service=s}";

    [Fact]
    public async Task ProcessThatHandedOver_ExportsNoMore_AndTheNextHasItsCounts()
    {
        await using CollectorServer collector = await CollectorServer.StartAsync();
        await using UpgradeBed bed = new();
        bed.More = $$"""
            "metrics": { "otlp": { "endpoint": "http://{{collector.EndPoint}}", "interval": "1s" } },
            """;
        bed.Configure();
        ChildProcess first = await bed.StartAsync();
        using TestClient stays = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(stays);
        await Eventually.HoldsAsync(() => Exports(collector).Count > 0, "the first process exports");
        double old = Exports(collector)[0].Series[Started];

        await bed.FollowAsync(first);

        // Of two that export each second, no four follow each other.
        await Eventually.HoldsAsync(() => Exports(collector).TakeLast(4).All(e => e.Series[Started] > old), "only the next one exports");
        int before = Count(collector, old);
        stays.HalfClose();
        await Ends.AssertEndAsync(stays);
        Assert.Equal(0, await first.WaitForExitAsync());
        await Eventually.HoldsAsync(() => Exports(collector)[^1].Series["fasttcpproxy_sessions_active{service=s}"] == 0, "it has ended");

        Assert.Equal(before, Count(collector, old));
        Assert.Equal(1, Exports(collector)[^1].Series[Accepted]);
    }

    private static int Count(CollectorServer collector, double started) =>
        Exports(collector).Count(e => e.Series[Started] == started);

    private static List<OtlpText> Exports(CollectorServer collector) =>
    [
        .. collector.Requests.Select(request =>
        {
            OtlpText text = new();
            text.Read(request);
            return text;
        }),
    ];
}
