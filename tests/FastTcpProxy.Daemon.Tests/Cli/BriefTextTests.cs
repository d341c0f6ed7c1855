using FastTcpProxy.Daemon.Cli;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>What <c>status --brief</c> and <c>--watch</c> say. Pure.</summary>
public sealed class BriefTextTests
{
    private static readonly TrafficDocument Traffic = new(123_456, 12, 123_444, 0, 8, 1, 2, 3, 0,
        new RatesDocument(10, 12.5, 12, 0, 0, 1, 2, 0, new QuantilesDocument(0.1, 3000)), new QuantilesDocument(0.1, 250), null);

    private static readonly ServiceDocument Mail = GivenDocuments.Status.Services[0] with { Traffic = Traffic };

    [Fact]
    public void Brief_WorstFirst_WithASummary()
    {
        ServiceDocument web = GivenDocuments.Status.Services[1] with { Readiness = "notReady" };
        ServiceDocument imap = GivenDocuments.Status.Services[2] with { Readiness = "degraded" };
        ServiceDocument failing = Mail with
        {
            Name = "failing", Traffic = Traffic with { Failed = 7, PerSecond = Traffic.PerSecond! with { Failed = 0.7 } },
        };

        ServiceDocument slow = Mail with { Name = "slow" };
        // What failed before, and what failover cost before, does not come before what fails now.
        ServiceDocument mail = Mail with
        {
            Traffic = Traffic with { Failed = 9, PerSecond = Traffic.PerSecond! with { FailoverCostMs = new QuantilesDocument(0.1, 0.1) } },
        };

        Assert.Equal("""
            5 services: 1 not ready, 1 degraded, 3 ready; 12 active, 12.5 clients/s, 0 failed
            Service            State        Up    Down Active  New/s Failed Refused Cost p99
            web                not ready   0/1     42s      0      -      -       - -
            imap               degraded    0/1     42s      1      -      -       - -
            failing            ready       1/3       -   1241   12.5      7       8 <=3.0 s
            slow               ready       1/3       -   1241   12.5      0       8 <=3.0 s
            mail               ready       1/3       -   1241   12.5      9       8 -

            """.ReplaceLineEndings("\n"),
            BriefText.Of(
                GivenDocuments.Status with { Services = [mail, slow, imap, failing, web], Traffic = Traffic }, GivenDocuments.Now, 80));
    }

    [Fact]
    public void Brief_SixtyServicesWithLongNamesAndLargeNumbers_KeepsTo80Columns()
    {
        TrafficDocument large = new(long.MaxValue, 99_999_999, 1, 1_000_000_000_000, 99_999, 1, 2, 3, 0,
            new RatesDocument(10, 1_000_000, 12, 0, 0, 1, 2, 0, new QuantilesDocument(null, null)),
            new QuantilesDocument(null, null), null);
        ServiceDocument service = Mail with { Name = new string('m', 63), Readiness = "notReady", Sessions = 99_999, Traffic = large };

        StatusDocument sixty = GivenDocuments.Status with { Services = [.. Enumerable.Repeat(service, 60)] };

        string[] lines = BriefText.Of(sixty, GivenDocuments.Now, 80).Split('\n');

        Assert.Equal(60 + 3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        // Names that begin alike are told apart where there is room.
        Assert.Equal(60, BriefText.Of(sixty, GivenDocuments.Now, 125).Split('\n').Count(line => line.StartsWith(service.Name + " not")));
    }

    /// <summary>One that went down an hour ago is no news where another has just followed.</summary>
    [Fact]
    public void Brief_Down_IsSinceTheLastOneWentDown()
    {
        UpstreamDocument up = Mail.Upstreams[0];
        UpstreamDocument Down(int minutes) => up with
        {
            Health = up.Health with { State = "down", Since = GivenDocuments.Now.AddMinutes(-minutes) },
        };

        string text = BriefText.Of(GivenDocuments.Status with { Services = [Mail with { Upstreams = [Down(60), Down(3), up] }] },
            GivenDocuments.Now, 80);

        Assert.Contains("1/3      3m ", text);
    }

    /// <summary>A short time is that of every client on a busy machine: no failover.</summary>
    [Fact]
    public void Table_NobodyWaited_NamesNoFailover()
    {
        TrafficDocument quiet = Traffic with { PerSecond = null, FailoverCostMs = new QuantilesDocument(0.1, 10) };

        string text = StatusText.Table(GivenDocuments.Status with { Traffic = quiet, Services = [Mail with { Traffic = quiet }] },
            new Screen(Screen.Unbounded, false), GivenDocuments.Now);

        Assert.DoesNotContain("failover", text);
    }

    /// <summary>A month without trouble.</summary>
    [Fact]
    public void Table_FailoverCostsNow_SaysItThoughTheStartHidesIt()
    {
        TrafficDocument now = Traffic with { FailoverCostMs = new QuantilesDocument(0.1, 0.1) };

        string text = StatusText.Table(GivenDocuments.Status with { Traffic = now, Services = [Mail with { Traffic = now }] },
            new Screen(Screen.Unbounded, false), GivenDocuments.Now);

        Assert.Contains("failover cost p99 <=3.0 s in the last 10 s, <=0.1 ms since the start\n", text);
    }

    [Fact]
    public void News_TellReloadTakeOverAndRestartApart()
    {
        StatusDocument before = GivenDocuments.Status with { Traffic = Traffic };
        StatusDocument next = before with { Pid = 4800, StartedAt = before.StartedAt.AddHours(1), Traffic = Traffic with { Accepted = 1 } };

        Assert.Null(StatusWatch.News(before, before));
        Assert.Equal("another configuration is in force (anna)", StatusWatch.News(before,
            before with { Config = before.Config with { LoadedAt = GivenDocuments.Now } }));
        Assert.Equal("a reload has failed, and nothing was changed", StatusWatch.News(before,
            before with { Config = before.Config with { LastFailure = before.Config.LastFailure! with { At = GivenDocuments.Now } } }));
        Assert.Equal("process 4800 was started in place of process 4712: counts begin at 0", StatusWatch.News(before, next));
        Assert.Equal("process 4800 has taken over from process 4712", StatusWatch.News(before, next with { Traffic = Traffic }));
        Assert.Equal("process 4800 has taken over from process 4712", StatusWatch.News(before,
            next with { Generations = [new GenerationDocument(4712, "/run/a.sock.4712", 1, before.StartedAt)] }));
    }

    [Fact]
    public void Table_Traffic_ShowsTotalsRatesAndTheWorst()
    {
        UpstreamDocument upstream = Mail.Upstreams[0] with
        {
            Traffic = new UpstreamTrafficDocument(40, 4, 0.4, 36, new QuantilesDocument(1, 5)),
            HeaderDoubt = "it closed 5 sessions in a row without an answer, right after the header; mode \"raw\" sends none",
        };
        StatusDocument document = GivenDocuments.Status with
        {
            Traffic = Traffic with { Failed = 7, BytesToClients = 1_234_567 },
            Services = [Mail with { Traffic = Traffic with { Failed = 7 }, Upstreams = [upstream] },
                .. GivenDocuments.Status.Services[1..]],
        };

        string text = StatusText.Table(document, new Screen(Screen.Unbounded, false), GivenDocuments.Now);

        Assert.Contains("clients: 123,456 accepted (12.5/s), 12 active, 123,444 ended (12/s), of these 7 without an upstream, 8 refused\n",
            text);
        Assert.Contains("bytes: 1 B to upstreams (1 B/s), 1.2 MiB to clients (2 B/s)\n", text);
        Assert.Contains("attempts: 3, of these 0 failed; failover cost p99 <=3.0 s in the last 10 s, <=250 ms since the start\n", text);
        Assert.Contains("most clients without an upstream: mail, 7\n", text);
        Assert.Contains("longest failover in the last 10 s: mail, p99 <=3.0 s\n", text);
        Assert.Contains("most failed attempts: mail/secondary, 4\n", text);
        Assert.Contains("  secondary: 4 of 40 attempts failed (0.4/s)\n", text);
        Assert.Contains("  secondary: it closed 5 sessions in a row without an answer, right after the header", text);
    }
}
