using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Daemon.Tests.Metrics;

public sealed class MetricsPageTests
{
    [Fact]
    public async Task Page_OfNamesWithEveryCharacter_IsReadAsItIsMeant()
    {
        MetricsView view = GivenView.Of(
            """{ "name": "A.z_9-", "listen": ["[::]:25"], "upstreams": [{ "address": "unix:/run/ \"q\" \\n {a=\"b\"},+-*/#%é😀" }] }""");

        PrometheusSamples page = new(await GivenView.PageAsync(view));

        Assert.Equal(1, page["fasttcpproxy_upstream_serving{service=A.z_9-,upstream=unix:/run/ \"q\" \\n {a=\"b\"},+-*/#%é😀}"]);
        Assert.Equal(MetricTable.All.Select(f => f.Name), page.Types.Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public async Task Page_IsTheSame_InPiecesOfAnySize(int pieceBytes)
    {
        MetricsView view = GivenView.Of("""
            { "name": "mail", "listen": ["[::]:25"], "upstreams": [{ "address": "192.0.2.1:25" }, { "address": "192.0.2.2:25" }] }
            """);

        Assert.Equal(await GivenView.PageAsync(view), await GivenView.PageAsync(view, pieceBytes));
    }

    /// <summary>One that is a little longer than what a connection sends at once is sent in two parts.</summary>
    [Fact]
    public async Task Pieces_ButTheLast_AreAsLongAsAsked()
    {
        using PieceStream stream = new();

        await PrometheusPage.WriteAsync(GivenView.Of("""{ "name": "mail", "listen": ["[::]:25"], "upstreams": [{ "address": "a:25" }] }"""),
            stream, 1000, TestContext.Current.CancellationToken);

        Assert.All(stream.Pieces.SkipLast(1), piece => Assert.Equal(1000, piece));
        Assert.InRange(stream.Pieces[^1], 0, 999);
    }

    [Fact]
    public async Task Page_HasWhatWasCounted()
    {
        ServiceCounts service = new() { Accepted = 5, BytesToClients = 7 };
        service.Ended[EndReasons.NumberOf(new EndReason(EndParty.Upstream, EndPhase.Connect, EndCause.TimedOut))] = 2;
        UpstreamCounts upstream = new() { Sessions = 3, Pending = 1 };
        upstream.Attempts[(int)AttemptOutcome.NoLocalPort] = 4;
        upstream.Connected.Add(2_000_000);
        CheckCounts checks = new() { Good = 6, Bad = 2 };
        checks.Duration.Add(1500);

        PrometheusSamples page = new(await GivenView.PageAsync(GivenView.Of(
            """
            { "name": "mail", "listen": ["[::]:25"], "maxSessions": 9, "sourceAddresses": ["192.0.2.7", "192.0.2.8"],
              "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }] }
            """,
            new ServiceMetrics("mail", service, [new UpstreamMetrics("a", upstream, checks)]))));

        Assert.Equal(5, page["fasttcpproxy_sessions_accepted_total{service=mail}"]);
        Assert.Equal(2, page["fasttcpproxy_sessions_ended_total{cause=timedOut,party=upstream,phase=connect,service=mail}"]);
        Assert.Equal(3, page["fasttcpproxy_sessions_active{service=mail}"]);
        Assert.Equal(9, page["fasttcpproxy_sessions_limit{service=mail}"]);
        Assert.Equal(7, page["fasttcpproxy_bytes_total{direction=to_client,service=mail}"]);
        Assert.Equal(4, page["fasttcpproxy_connect_failures_total{outcome=noLocalPort,service=mail,upstream=a}"]);
        Assert.Equal(0, page["fasttcpproxy_connect_seconds_bucket{le=1,outcome=connected,service=mail,upstream=a}"]);
        Assert.Equal(1, page["fasttcpproxy_connect_seconds_bucket{le=3,outcome=connected,service=mail,upstream=a}"]);
        Assert.Equal(2, page["fasttcpproxy_connect_seconds_sum{outcome=connected,service=mail,upstream=a}"]);
        Assert.False(page.Has("fasttcpproxy_connect_seconds_count{outcome=failed,service=mail,upstream=a}"));
        Assert.Equal(0, page["fasttcpproxy_first_byte_seconds_count{service=mail,upstream=a}"]);
        Assert.Equal(1, page["fasttcpproxy_check_seconds_bucket{le=1,service=mail,upstream=a}"]);
        Assert.Equal(2, page["fasttcpproxy_check_failures_total{service=mail,upstream=a}"]);
        Assert.Equal(1, page["fasttcpproxy_connects_pending{service=mail}"]);
        Assert.Equal(2, page["fasttcpproxy_local_ports_used{service=mail,source=192.0.2.8,upstream=a}"]);
        Assert.Equal(1.5, page["fasttcpproxy_reload_last_success_timestamp_seconds{}"]);
        Assert.Equal(0, page["fasttcpproxy_loop_lag_seconds_count{loop=1}"]);
    }

    /// <summary>What an operator has taken out is no fault.</summary>
    [Fact]
    public async Task Upstreams_AreCountedInOneState()
    {
        PrometheusSamples page = new(await GivenView.PageAsync(GivenView.Of("""
            { "name": "mail", "listen": ["[::]:25"], "upstreams": [
              { "address": "192.0.2.1:25" }, { "address": "192.0.2.2:25" }, { "address": "192.0.2.3:25" }, { "address": "no-address.test:25" },
              { "address": "192.0.2.4:25", "enabled": false }, { "address": "192.0.2.5:25", "enabled": false }] }
            """)));

        Assert.Equal(3, page["fasttcpproxy_service_upstreams{service=mail,state=serving}"]);
        Assert.Equal(1, page["fasttcpproxy_service_upstreams{service=mail,state=down}"]);
        Assert.Equal(2, page["fasttcpproxy_service_upstreams{service=mail,state=disabled}"]);
    }

    [Fact]
    public async Task Page_KeepsTheCountsOfWhatIsNotConfiguredAnyMore()
    {
        UpstreamMetrics gone = new("b", new UpstreamCounts { BytesToClient = 2 }, default);

        PrometheusSamples page = new(await GivenView.PageAsync(GivenView.Of(
            """{ "name": "mail", "listen": ["[::]:25"], "upstreams": [{ "name": "a", "address": "192.0.2.1:25" }] }""",
            new ServiceMetrics("mail", default, [gone]),
            new ServiceMetrics("old", new ServiceCounts { Accepted = 8 }, []))));

        Assert.Equal(2, page["fasttcpproxy_upstream_bytes_total{direction=to_client,service=mail,upstream=b}"]);
        Assert.False(page.Has("fasttcpproxy_upstream_serving{service=mail,upstream=b}"));
        Assert.Equal(8, page["fasttcpproxy_sessions_accepted_total{service=old}"]);
        Assert.False(page.Has("fasttcpproxy_service_ready{service=old}"));
    }

    [Fact]
    public void Names_FollowTheConventions() => Assert.All(MetricTable.All, family =>
    {
        Assert.Matches("^(fasttcpproxy|process)_[a-z_]+$", family.Name);
        Assert.Equal(family.Kind == MetricKind.Counter, family.Name.EndsWith("_total", StringComparison.Ordinal));
        Assert.EndsWith(".", family.Help);
    });

    private sealed class PieceStream : MemoryStream
    {
        public List<int> Pieces { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Pieces.Add(buffer.Length);
            return default;
        }
    }
}
