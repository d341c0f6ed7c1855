using FastTcpProxy.Daemon.Cli;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>What <c>status --brief</c> and <c>--watch</c> say. Pure.</summary>
public sealed class BriefTextTests
{
    private static readonly TrafficDocument Traffic = new(123_456, 12, 123_444, 0, 8, 1, 2, 3, 0,
        new RatesDocument(10, 12.5, 12, 0, 0, 1, 2, 0), new QuantilesDocument(0.1, 3000), null);

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

        Assert.Equal("""
            4 services: 1 not ready, 1 degraded, 2 ready; 12 active, 12.5 clients/s, 0 failed
            Service                State        Up Active Clients/s Failed Refused Cost p99
            web                    not ready   0/1      0         -      -       - -
            imap                   degraded    0/1      1         -      -       - -
            failing                ready       1/3   1241      12.5      7       8 3.0 s
            mail                   ready       1/3   1241      12.5      0       8 3.0 s

            """.ReplaceLineEndings("\n"),
            BriefText.Of(GivenDocuments.Status with { Services = [Mail, imap, failing, web], Traffic = Traffic }));
    }

    [Fact]
    public void Brief_SixtyServicesWithLongNamesAndLargeNumbers_KeepsTo80Columns()
    {
        TrafficDocument large = new(long.MaxValue, 99_999_999, 1, 1_000_000_000_000, 99_999, 1, 2, 3, 0,
            new RatesDocument(10, 1_000_000, 12, 0, 0, 1, 2, 0), new QuantilesDocument(null, null), null);
        ServiceDocument service = Mail with { Name = new string('m', 63), Readiness = "notReady", Sessions = 99_999, Traffic = large };

        string[] lines = BriefText.Of(GivenDocuments.Status with { Services = [.. Enumerable.Repeat(service, 60)] }).Split('\n');

        Assert.Equal(60 + 3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
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
        Assert.Contains("bytes: 1 B to upstreams (1 B/s), 1.2 MB to clients (2 B/s)\n", text);
        Assert.Contains("attempts: 3, of these 0 failed; failover cost p50 0.1 ms, p99 3.0 s\n", text);
        Assert.Contains("most clients without an upstream: mail, 7\n", text);
        Assert.Contains("longest failover: mail, p50 0.1 ms, p99 3.0 s\n", text);
        Assert.Contains("most failed attempts: mail/secondary, 4\n", text);
        Assert.Contains("  secondary: 4 of 40 attempts failed (0.4/s)\n", text);
        Assert.Contains("  secondary: it closed 5 sessions in a row without an answer, right after the header", text);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(99_960, "100 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_600, "1.0 MB")]
    [InlineData(double.MaxValue, null)]
    public void Bytes_HaveThreeDigits(double bytes, string? expected)
    {
        if (expected is not null) Assert.Equal(expected, TrafficText.Bytes(bytes));
        else Assert.EndsWith(" EB", TrafficText.Bytes(bytes));
    }
}
