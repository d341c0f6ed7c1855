using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>Speaks to the administrative interface of fasttcpproxy on its UNIX socket. Any thread; it owns its connections.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    public AdminClient(string socket) => _http = new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, stop) =>
        {
            Socket connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop);
            return new NetworkStream(connection, ownsSocket: true);
        },
    }) { BaseAddress = new Uri("http://localhost/v1/"), Timeout = Client.Patience };

    /// <summary>The status as bytes; an error of the interface is null.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public async Task<byte[]?> StatusAsync()
    {
        using HttpResponseMessage response = await _http.GetAsync("status");
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode == HttpStatusCode.OK ? body : null;
    }

    /// <summary>The sum of a metric over its lines that have a text in them; 0 where there is none.</summary>
    /// <exception cref="HttpRequestException">It does not answer.</exception>
    public async Task<double> MetricAsync(string name, params string[] texts)
    {
        string page = await _http.GetStringAsync("/metrics");
        return page.Split('\n').Where(l => l.StartsWith(name + "{", StringComparison.Ordinal)
                && texts.All(t => l.Contains(t, StringComparison.Ordinal)))
            .Sum(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Takes an upstream out, or puts it back.</summary>
    /// <exception cref="HttpRequestException">It was not done.</exception>
    public async Task SetDisabledAsync(string service, string upstream, bool isDisabled)
    {
        string path = $"services/{service}/upstreams/{upstream}/override";
        using HttpRequestMessage request = new(isDisabled ? HttpMethod.Put : HttpMethod.Delete, path);
        request.Headers.Add("If-Match", "*");
        if (isDisabled) request.Content =
            JsonContent.Create(new Dictionary<string, string> { ["state"] = "disabled", ["reason"] = "load test" });
        using HttpResponseMessage response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();
}
