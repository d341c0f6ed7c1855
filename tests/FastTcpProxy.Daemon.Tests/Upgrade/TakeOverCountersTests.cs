using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.Metrics;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>Counters go from process to process, and none of them falls. Real processes. Each test owns its processes.</summary>
public sealed class TakeOverCountersTests
{
    private const string Accepted = "fasttcpproxy_sessions_accepted_total{service=s}", Active = "fasttcpproxy_sessions_active{service=s}",
        Generations = "fasttcpproxy_generations{}";

    [Fact]
    public async Task FiveUpgrades_WithSessionsThatDrain_CountEveryClientOnceAndNothingFalls()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess now = await bed.StartAsync();
        List<TestClient> draining = [];
        List<ChildProcess> old = [];
        using CancellationTokenSource stop = new();
        Task<List<string>> falls = WatchAsync(bed.AdminSocket, stop.Token);
        int clients = 0;
        for (int upgrade = 0; upgrade < 5; upgrade++)
        {
            TestClient stays = await TestClient.ConnectAsync(bed.Listen);
            draining.Add(stays);
            await Ends.AssertEchoAsync(stays);
            for (int i = 0; i < 3; i++) await bed.VisitAsync();
            clients += 4;
            Assert.Equal(0, (await Curl.RunAsync(bed.AdminSocket, "/v1/reload", "-X", "POST")).ExitCode);
            old.Add(now);
            now = await bed.FollowAsync(now);
            await ShowsAsync(bed, Accepted, clients);
        }
        await ShowsAsync(bed, Active, draining.Count);
        await ShowsAsync(bed, "fasttcpproxy_reloads_total{result=succeeded}", 5);
        await ShowsAsync(bed, "fasttcpproxy_takeovers_total{result=succeeded}", 5);
        // The processes end one after the other, and what they have counted goes over to the one that serves, once.
        foreach ((TestClient client, ChildProcess process) in draining.Zip(old))
        {
            client.HalfClose();
            await Ends.AssertEndAsync(client);
            Assert.Equal(0, await process.WaitForExitAsync());
            await ShowsAsync(bed, Accepted, clients);
        }
        await ShowsAsync(bed, Active, 0);
        await ShowsAsync(bed, "fasttcpproxy_sessions_ended_total{cause=ended,party=client,phase=relay,service=s}", clients);
        await ShowsAsync(bed, "fasttcpproxy_connect_seconds_count{outcome=connected,service=s,upstream=u}", clients);
        await stop.CancelAsync();
        Assert.Empty(await falls);
        foreach (TestClient client in draining) client.Dispose();
    }

    [Fact]
    public async Task DrainingProcess_KilledOutright_IsStillCounted()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess first = await bed.StartAsync();
        await bed.VisitAsync();
        using TestClient stays = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(stays);
        ChildProcess second = await bed.FollowAsync(first);
        await ShowsAsync(bed, Active, 1);

        first.Signal(UnixSignal.Kill);
        await first.WaitForExitAsync();

        await ShowsAsync(bed, Accepted, 2);
        await ShowsAsync(bed, Active, 0);
        await ShowsAsync(bed, "fasttcpproxy_sessions_ended_total{cause=fault,party=proxy,phase=relay,service=s}", 1);
        await bed.FollowAsync(second);
        await ShowsAsync(bed, Accepted, 2);
        await ShowsAsync(bed, Active, 0);
    }

    [Fact]
    public async Task TakeOver_ThatFails_LeavesTheCountsRight()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess first = await bed.StartAsync();
        using TestClient stays = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(stays);
        ChildProcess second = await bed.FollowAsync(first);
        await bed.AwaitsNextAsync();
        long lines = second.Error.Count;
        ChildProcess failed = bed.Launch("--take-over");
        await second.Error.WaitForLineAsync(l => l.Contains(" 7000 ", StringComparison.Ordinal), "it is asked", after: lines);
        failed.Signal(UnixSignal.Kill);
        await second.Error.WaitForLineAsync(l => l.Contains(" 7002 ", StringComparison.Ordinal), "it has failed", after: lines);

        // Only a process that is not offered any more takes these over.
        stays.HalfClose();
        await Ends.AssertEndAsync(stays);
        Assert.Equal(0, await first.WaitForExitAsync());
        await bed.VisitAsync();
        await ShowsAsync(bed, Accepted, 2);
        await bed.AwaitsNextAsync();
        await bed.FollowAsync(second);
        await bed.VisitAsync();
        await ShowsAsync(bed, Accepted, 3);
        await ShowsAsync(bed, Active, 0);
    }

    private static Task ShowsAsync(UpgradeBed bed, string series, double value) => Eventually.EqualsAsync(value,
        async () => await ScrapeAsync(bed.AdminSocket) is { } page && page.Has(series) ? page[series] : double.NaN, series);

    /// <summary>Null: no process answers at this moment.</summary>
    private static async Task<PrometheusSamples?> ScrapeAsync(string socket)
    {
        ProcessResult curl = await Curl.RunAsync(socket, "/metrics");
        return curl.ExitCode == 0 && curl.Output.Contains(Accepted.Split('{')[0], StringComparison.Ordinal)
            ? new PrometheusSamples(curl.Output.TrimEnd('\n') + '\n')
            : null;
    }

    /// <summary>Scrapes every 200 ms. Returns what has fallen.</summary>
    private static async Task<List<string>> WatchAsync(string socket, CancellationToken stop)
    {
        Dictionary<string, double> highest = [];
        List<string> falls = [];
        using PeriodicTimer every = new(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await every.WaitForNextTickAsync(stop))
            {
                if (await ScrapeAsync(socket) is not { } page) continue;
                foreach (string series in page.Series.Where(s => IsCounted(page, s)))
                {
                    if (page[series] < highest.GetValueOrDefault(series)) falls.Add($"{series}: {page[series]} after {highest[series]}");
                    highest[series] = page[series];
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
        return falls;
    }

    /// <summary>Not what the page itself calls a process's own.</summary>
    private static bool IsCounted(PrometheusSamples page, string series)
    {
        string name = series[..series.IndexOf('{', StringComparison.Ordinal)];
        string family = page.FamilyOf(name);
        return page.Types[family] is "counter" or "histogram" && !page.Helps[family].Contains("of this process alone");
    }
}
