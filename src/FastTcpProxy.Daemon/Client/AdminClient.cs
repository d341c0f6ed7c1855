using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Daemon.Admin.Documents;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Daemon.Client;

/// <summary>
/// Asks a running proxy over its UNIX socket. Believes nothing of what comes: it is bounded in time and size, and read strictly. One task at a time.
/// </summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>How long an answer is waited for, all in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of an answer: a hundred times the status of a thousand upstreams.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;

    private readonly string _path;
    private readonly TimeSpan _patience;
    private readonly HttpClient _http;

    public AdminClient(string path, TimeSpan patience)
    {
        _path = path;
        _patience = patience;
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, stop) => await ConnectAsync(path, stop),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        // The bound on time is ours, so that it can be told from other ends.
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = AnswerBytesMax };
    }

    /// <summary>What the proxy answers to a GET of <paramref name="route"/>.</summary>
    /// <exception cref="AdminClientException">There is no answer, or an error.</exception>
    public async Task<byte[]> GetAsync(string route)
    {
        using CancellationTokenSource limit = new(_patience);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri("http://localhost" + route), limit.Token);
            byte[] body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return response.StatusCode == HttpStatusCode.OK ? body : throw new AdminClientException($"{_path}: the proxy refused: {Detail(response, body)}");
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw new AdminClientException($"{_path}: no answer within {_patience.TotalSeconds:0.###} s: the process hangs, or is stopped (see: ss -lxp)", e);
        }
        catch (HttpRequestException e)
        {
            throw new AdminClientException($"{_path}: {Explain(e)}", e);
        }
    }

    /// <summary>Reads the answer to <c>GET /v1/status</c>.</summary>
    /// <exception cref="AdminClientException">It is none.</exception>
    public static StatusDocument ReadStatus(byte[] answer, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(answer, DocumentContext.Default.StatusDocument) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new AdminClientException($"{path}: the answer is no status; is it a fasttcpproxy of this version?", e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<Stream> ConnectAsync(string path, CancellationToken stop)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string Explain(HttpRequestException e) => e switch
    {
        { InnerException: SocketException s } => Explain(s.SocketErrorCode) ?? s.Message,
        { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => $"the answer is over {AnswerBytesMax >> 20} MiB; is it a fasttcpproxy?",
        { HttpRequestError: HttpRequestError.InvalidResponse } => "what answers there does not speak HTTP; is it the socket of a fasttcpproxy?",
        { HttpRequestError: HttpRequestError.ResponseEnded } or { InnerException: IOException } =>
            "the connection was closed without an answer: the proxy is ending, or serves as many clients as it may; try again",
        _ => e.Message,
    };

    /// <summary>Why nobody was reached; null when that says nothing special.</summary>
    private string? Explain(SocketError error) => error switch
    {
        // connect(2) says "no such file" with the same code as "no such address".
        SocketError.AddressNotAvailable => "no such socket; is the proxy running, with this path as admin.socket? (--socket, FASTTCPPROXY_SOCKET)",
        SocketError.AccessDenied => "permission denied; only the socket's owner and group may ask (see: ls -l), or root, and its directory must let them in",
        SocketError.ConnectionRefused when !UnixSocketFile.IsSocket(_path) => "a file that is no socket; expected admin.socket of a running proxy",
        SocketError.ConnectionRefused => "nobody serves this socket: the proxy that made it is gone; start it again",
        _ => null,
    };

    private static string Detail(HttpResponseMessage response, byte[] body)
    {
        string status = $"status {(int)response.StatusCode}";
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return status;
        try
        {
            return JsonSerializer.Deserialize(body, DocumentContext.Default.ProblemDocument) is { } problem ? $"{status}, {problem.Detail}" : status;
        }
        catch (JsonException)
        {
            return status;
        }
    }
}
