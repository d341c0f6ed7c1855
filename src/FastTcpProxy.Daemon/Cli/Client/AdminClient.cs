using System.Text.Json;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>
/// Asks a running proxy over its UNIX socket or TCP. It trusts nothing that arrives: the answer is bounded in time and size, and read
/// strictly. One task at a time.
/// </summary>
internal sealed class AdminClient : IDisposable
{
    /// <summary>How long an answer is waited for, all in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of an answer: a hundred times the status of a thousand upstreams.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;

    private readonly AdminTransport _transport;
    private readonly TimeSpan _patience;
    private readonly HttpClient _http;

    public AdminClient(AdminTransport transport, TimeSpan patience)
    {
        _transport = transport;
        _patience = patience;
        // The bound on time is ours, so that it can be told from other ends.
        _http = new HttpClient(transport.MakeHandler())
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesMax,
        };
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
            if (_transport.ExplainStatus(answer.Status) is { } stranger)
                throw new AdminClientException($"{_transport.Name}: {stranger}");
            if (response.IsSuccessStatusCode || answer.Status == question.AlsoTaken) return answer;
            ProblemDocument? problem = Problem(response, body);
            string detail = problem is null ? "" : $", {problem.Detail}";
            throw new AdminRefusedException($"{_transport.Name}: the proxy refused: status {answer.Status}{detail}", answer.Status,
                problem) { Names = question.Names };
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw new AdminClientException(
                $"{_transport.Name}: no answer within {_patience.TotalSeconds:0.###} s: {_transport.Silence}", e);
        }
        catch (HttpRequestException e)
        {
            throw new AdminClientException($"{_transport.Name}: {_transport.Explain(e)}", e) { NoServer = _transport.IsNoServer(e) };
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(AdminQuestion question)
    {
        // As it is: the framework would resolve what it takes for dots, and decode what it takes for harmless.
        Uri target = new(_transport.Origin + question.Target,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        HttpRequestMessage request = new(question.Method, target);
        _transport.Identify(request);
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
