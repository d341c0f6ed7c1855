using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>A client of the interface that holds every answer against its description. Any thread; it owns its connections.</summary>
internal sealed class AdminHttp : IDisposable
{
    private readonly HttpClient _http;

    public AdminHttp(string socket) =>
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) => await ConnectAsync(socket, stop), UseProxy = false,
        }) { Timeout = Deadline.Patient };

    public Task<AdminAnswer> GetAsync(string target) => SendAsync(HttpMethod.Get, target);

    public Task<AdminAnswer> PutAsync(string target, string body, string? ifMatch = "*") =>
        SendAsync(HttpMethod.Put, target, body, ifMatch);

    public Task<AdminAnswer> DeleteAsync(string target, string? ifMatch = "*") => SendAsync(HttpMethod.Delete, target, null, ifMatch);

    public Task<AdminAnswer> PostAsync(string target, string? body = null) => SendAsync(HttpMethod.Post, target, body);

    public Task<AdminAnswer> SendAsync(HttpMethod method, string target, string? body = null, string? ifMatch = null) =>
        SendContentAsync(method, target, body is null ? null : new StringContent(body, Encoding.UTF8, "application/json"), ifMatch);

    /// <param name="body">Of any type; null: there is none.</param>
    public async Task<AdminAnswer> SendContentAsync(HttpMethod method, string target, StringContent? body, string? ifMatch = null)
    {
        using HttpRequestMessage request = new(method, "http://localhost" + target) { Content = body };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        // As curl does: a body that is refused is not sent in vain, and the answer is not lost with the connection.
        if (body?.Headers.ContentLength > 100_000) request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        OpenApiDocument.Current.AssertDescribes(method, target, (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType, text);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        return new AdminAnswer((int)response.StatusCode, text, response.Headers.ETag?.ToString());
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Stream> ConnectAsync(string path, CancellationToken stop)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
        return new NetworkStream(socket, ownsSocket: true);
    }
}

/// <summary>An answer. Immutable.</summary>
/// <param name="Tag">With its quotes; null without one.</param>
internal sealed record AdminAnswer(int Status, string Body, string? Tag)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Detail => Json.GetProperty("detail").GetString()!;

    /// <summary>This one, if its status is as expected.</summary>
    public AdminAnswer Is(int status)
    {
        Assert.True(Status == status, $"{Status} where {status} was expected: {Body}");
        return this;
    }
}
