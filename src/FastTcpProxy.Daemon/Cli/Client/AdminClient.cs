using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>
/// Asks a running proxy over its UNIX socket. It trusts nothing that arrives: the answer is bounded in time and size, and read strictly.
/// One task at a time.
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

    /// <summary>What the proxy answers to a GET of <paramref name="target"/>.</summary>
    /// <exception cref="AdminClientException">There is no answer, or an error.</exception>
    public Task<AdminAnswer> GetAsync(string target) => AskAsync(AdminQuestion.Get(target));

    /// <summary>What the proxy answers.</summary>
    /// <exception cref="AdminRefusedException">It says no.</exception>
    /// <exception cref="AdminClientException">There is no answer.</exception>
    public async Task<AdminAnswer> AskAsync(AdminQuestion question)
    {
        using CancellationTokenSource limit = new(_patience);
        try
        {
            using HttpRequestMessage request = Request(question);
            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token);
            byte[] body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            AdminAnswer answer = new((int)response.StatusCode, body, response.Headers.ETag?.ToString())
            {
                Caller = response.Headers.TryGetValues(Caller.HeaderName, out IEnumerable<string>? callers)
                    ? Uri.UnescapeDataString(callers.First())
                    : null,
            };
            if (response.IsSuccessStatusCode || answer.Status == question.AlsoTaken) return answer;
            ProblemDocument? problem = Problem(response, body);
            string detail = problem is null ? "" : $", {problem.Detail}";
            throw new AdminRefusedException($"{_path}: the proxy refused: status {answer.Status}{detail}", answer.Status,
                problem) { Names = question.Names };
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw new AdminClientException(
                $"{_path}: no answer within {_patience.TotalSeconds:0.###} s: the process hangs, or is stopped (see: ss -lxp)", e);
        }
        catch (HttpRequestException e)
        {
            bool noServer = e.InnerException
                is SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.ConnectionRefused };
            throw new AdminClientException($"{_path}: {Explain(e)}", e) { NoServer = noServer };
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
        { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            $"the answer exceeds {AnswerBytesMax >> 20} MiB; is this a fasttcpproxy?",
        { HttpRequestError: HttpRequestError.InvalidResponse } => "the answer is not HTTP; is this the socket of a fasttcpproxy?",
        { HttpRequestError: HttpRequestError.ResponseEnded } or { InnerException: IOException } =>
            "the connection was closed without an answer: the proxy is exiting, or has as many connections as it may have; try again",
        _ => e.Message,
    };

    /// <summary>Why no process was reached; null when the error says nothing special.</summary>
    private string? Explain(SocketError error) => error switch
    {
        // connect(2) says "no such file" with the same code as "no such address".
        SocketError.AddressNotAvailable => "no such socket; is the proxy running, with this path as admin.socket (--socket, "
            + "FASTTCPPROXY_SOCKET)? If the file was deleted, SIGHUP makes the proxy bind it again",
        SocketError.AccessDenied =>
            "permission denied; only root and the socket's owner and group may use it (see: ls -l), and they need access to its directory",
        SocketError.ConnectionRefused when !UnixSocketFile.IsSocket(_path) =>
            "the file is not a socket; expected admin.socket of a running proxy",
        SocketError.ConnectionRefused => "no process serves this socket: the proxy that made it has exited; start it again",
        _ => null,
    };

    private static HttpRequestMessage Request(AdminQuestion question)
    {
        // As it is: the framework would resolve what it takes for dots, and decode what it takes for harmless.
        Uri target = new("http://localhost" + question.Target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        HttpRequestMessage request = new(question.Method, target);
        if (SudoUser.OfThisProcess() is { } sudo) request.Headers.TryAddWithoutValidation(SudoUser.HeaderName, sudo);
        if (question.IfMatch is { } tag) request.Headers.TryAddWithoutValidation("If-Match", tag);
        if (question.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", question.ContentType);
        }
        return request;
    }

    private static ProblemDocument? Problem(HttpResponseMessage response, byte[] body)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return null;
        try
        {
            return JsonSerializer.Deserialize(body, DocumentContext.Default.ProblemDocument);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
