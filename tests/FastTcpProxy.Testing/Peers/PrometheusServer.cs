using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// Prometheus, which scrapes one target each second with a token, and answers questions. One question at a time; it owns its process and
/// its data.
/// </summary>
public sealed class PrometheusServer : IDisposable
{
    private readonly PeerProcess _process;
    private readonly HttpClient _http;

    private PrometheusServer(PeerProcess process, IPEndPoint endPoint)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://{endPoint}/"), Timeout = Deadline.Patient };
    }

    /// <summary>Starts it and waits until it answers questions; it need not have scraped by then.</summary>
    /// <param name="target">What it scrapes, as the job "fasttcpproxy".</param>
    /// <param name="token">The bearer token.</param>
    /// <param name="rules">A file of rules; null: none.</param>
    public static async Task<PrometheusServer> StartAsync(IPEndPoint target, string token, string? rules = null)
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("prometheus");
        folder.Write("token", token);
        var path = folder.Write("prometheus.yml", $"""
            global: {"{"} scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s {"}"}
            rule_files: [{rules}]
            scrape_configs:
              - job_name: fasttcpproxy
                authorization: {"{"} credentials_file: {folder["token"]} {"}"}
                static_configs: [{"{"} targets: ["{target}"] {"}"}]

            """);
        var process = await PeerProcess.StartAsync(folder, RequiresPeer.PrometheusPath,
            [$"--config.file={path}", $"--storage.tsdb.path={folder["data"]}", $"--web.listen-address={endPoint}"], endPoint);
        var server = new PrometheusServer(process, endPoint);
        await Eventually.HoldsAsync(server.IsReadyAsync, "Prometheus listens, then reads its store, then answers");
        return server;
    }

    /// <summary>The result of an expression now: a sample for each series.</summary>
    /// <exception cref="InvalidDataException">It is not a valid expression.</exception>
    public async Task<JsonElement[]> QueryAsync(string expression)
    {
        using var answer = await _http.GetAsync(new Uri("api/v1/query?query=" + Uri.EscapeDataString(expression), UriKind.Relative));
        var text = await answer.Content.ReadAsStringAsync();
        using var document = JsonDocument.Parse(text);
        if (document.RootElement.GetProperty("status").GetString() != "success")
            throw new InvalidDataException($"{expression}: {text}");
        return [.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(sample => sample.Clone())];
    }

    /// <summary>Until then each question is answered "Service Unavailable".</summary>
    private async Task<bool> IsReadyAsync()
    {
        using var answer = await _http.GetAsync(new Uri("-/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    public void Dispose()
    {
        _http.Dispose();
        _process.Dispose();
    }
}
