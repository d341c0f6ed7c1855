using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Monitoring;

/// <summary>The dashboard and the rules, asked of a Prometheus that has scraped a run with faults. The test owns all of it.</summary>
public sealed class DashboardTests
{
    private const string Token = "scrapes-token-0123456789";

    private readonly IPEndPoint _mail = FreePort.Loopback(), _full = FreePort.Loopback(), _balanced = FreePort.Loopback(),
        _lost = FreePort.Loopback();

    [Fact]
    public async Task EachPanelAndRule_HasDataFromARunWithFaults()
    {
        RequiresPeer.Prometheus();
        await using EchoUpstream echo = new();
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        using TempFolder folder = new("monitored");
        string token = folder.Write("token", Token);
        File.SetUnixFileMode(token, UnixFileMode.UserRead);
        IPEndPoint admin = FreePort.Loopback();
        string configuration = Configuration(admin, token, folder["s"], echo.EndPoint, new RefusingUpstream().EndPoint, silent.EndPoint);
        using ProxyProcess proxy = await ProxyProcess.StartAsync(configuration);
        using PrometheusServer prometheus = await PrometheusServer.StartAsync(admin, Token, MonitoringFiles.RulesPath);
        using TestClient held = await TestClient.ConnectAsync(_full);

        using CancellationTokenSource end = new();
        Task load = VisitAsync(proxy, configuration, end.Token);
        foreach ((string title, string expression) in Panels())
        {
            await Eventually.HoldsAsync(async () => (await prometheus.QueryAsync(expression)).Length > 0,
                $"the panel \"{title}\" has data: {expression}");
        }
        // An alert that does not fire has no series: what it compares must have some.
        foreach (string metric in MonitoringFiles.MetricsIn(File.ReadAllText(MonitoringFiles.RulesPath)))
        {
            // None drains, is disabled, or flaps here.
            if (metric is "fasttcpproxy_generation_oldest_start_time_seconds" or "fasttcpproxy_upstream_disabled"
                or "fasttcpproxy_upstream_flapping") continue;
            Assert.True((await prometheus.QueryAsync($"{{__name__=~\"{metric}(_bucket)?\"}}")).Length > 0, metric);
        }
        await Eventually.HoldsAsync(
            async () => (await prometheus.QueryAsync("ALERTS{alertname=\"FastTcpProxyReloadFailed\",alertstate=\"firing\"}")).Length > 0,
            "a reload that fails is an alert");
        await end.CancelAsync();
        await load;
    }

    /// <summary>The expressions, as Grafana fills them in.</summary>
    private static IEnumerable<(string Title, string Expression)> Panels() => MonitoringFiles.Panels().Select(panel => (panel.Title,
        panel.Expression.Replace("$job", "fasttcpproxy", StringComparison.Ordinal).Replace("$instance", ".+", StringComparison.Ordinal)
            .Replace("$service", ".+", StringComparison.Ordinal).Replace("$__rate_interval", "30s", StringComparison.Ordinal)));

    /// <summary>Clients of every service, and reloads that fail and succeed, until it is cancelled.</summary>
    private async Task VisitAsync(ProxyProcess proxy, string configuration, CancellationToken stop)
    {
        for (int round = 0; !stop.IsCancellationRequested; round++)
        {
            using (TestClient client = await TestClient.ConnectAsync(_mail))
            {
                await client.SendAsync("hello");
                client.HalfClose();
                Assert.Equal("hello", await client.ReceiveToEndAsync());
            }
            await KnockAsync(_full, "");
            await KnockAsync(_lost, "");
            await KnockAsync(_balanced, "GET / HTTP/1.1\r\n\r\n");
            await Task.Delay(50, CancellationToken.None);
            if (round % 20 != 10) continue;
            await File.WriteAllTextAsync(proxy.ConfigurationPath, round % 40 == 10 ? "{" : configuration, CancellationToken.None);
            proxy.Child.Signal(UnixSignal.Hangup);
        }
    }

    /// <summary>A client that is turned away; the reset may come at any step.</summary>
    private static async Task KnockAsync(IPEndPoint listen, string text)
    {
        try
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            await client.SendAsync(text);
            await client.ReceiveToEndAsync();
        }
        catch (SocketException)
        {
            // Turned away.
        }
    }

    private string Configuration(IPEndPoint admin, string token, string socket, object echo, object refusing, object silent) => $$"""
        {
          "services": [
            {{ServiceText.Service("mail", [_mail], [refusing, silent, echo], keys: """
                "connectTimeout": "200ms", "sourceAddresses": ["127.0.0.5"],
                "healthCheck": { "type": "tcp", "interval": "1s", "timeout": "500ms" }, "allDown": "try-in-order", "passive": true,
                """)}},
            {{ServiceText.Service("lost", [_lost], [refusing], keys: "\"onAllFailed\": \"close\"")}},
            {{ServiceText.Service("full", [_full], [echo], keys: "\"maxSessions\": 1")}},
            {{ServiceText.Service("balanced", [_balanced], [echo], keys: "\"acceptProxy\": { \"from\": [\"127.0.0.1\"] }")}},
          ],
          "admin": { "socket": "{{socket}}", "listen": ["{{admin}}"], "tokenFile": "{{token}}" },
        }
        """;
}
