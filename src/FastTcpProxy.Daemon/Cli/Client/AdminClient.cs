using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
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

    /// <summary>Read at a time.</summary>
    private const int PartBytes = 16 * 1024;

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
            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead,
                limit.Token);
            byte[] body = await ReadAsync(response.Content, limit.Token);
            AdminAnswer answer = new((int)response.StatusCode, body, response.Headers.ETag?.ToString())
            {
                Caller = response.Headers.TryGetValues(Caller.HeaderName, out IEnumerable<string>? callers)
                    ? Uri.UnescapeDataString(callers.First())
                    : null,
            };
            CheckTaken(question, response, body);
            return answer;
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            throw NoAnswer(e);
        }
        catch (HttpRequestException e)
        {
            throw NotReached(e);
        }
    }

    /// <summary>Opens an answer that continues: a stream of server-sent events.</summary>
    /// <param name="target">Of a GET.</param>
    /// <param name="lastId">The last message that is known from an earlier stream; null: none.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="AdminRefusedException">The proxy says no.</exception>
    /// <exception cref="AdminClientException">There is no answer, or no stream.</exception>
    public async Task<AdminStream> OpenAsync(string target, string? lastId, CancellationToken stop)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_patience);
        HttpResponseMessage? response = null;
        try
        {
            AdminQuestion question = AdminQuestion.Get(target);
            using HttpRequestMessage request = Request(question);
            if (lastId is not null) request.Headers.TryAddWithoutValidation(StreamMessage.LastIdHeader, lastId);
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode) CheckTaken(question, response, await ReadAsync(response.Content, limit.Token));
            if (response.Content.Headers.ContentType?.MediaType != StreamMessage.MediaType)
                throw new AdminClientException($"{_transport.Name}: the answer is no stream of events; is this a fasttcpproxy?");
            return new AdminStream(response, await response.Content.ReadAsStreamAsync(limit.Token));
        }
        catch (Exception e)
        {
            response?.Dispose();
            throw e switch
            {
                OperationCanceledException when !stop.IsCancellationRequested => NoAnswer(e),
                HttpRequestException failed => NotReached(failed),
                _ => e,
            };
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The body, whole, and no more than <see cref="AnswerBytesMax"/>.</summary>
    private async Task<byte[]> ReadAsync(HttpContent content, CancellationToken stop)
    {
        long? length = content.Headers.ContentLength;
        using MemoryStream body = new();
        try
        {
            await using Stream rest = await content.ReadAsStreamAsync(stop);
            byte[] part = new byte[PartBytes];
            for (int count = 1; count > 0 && length is null or <= AnswerBytesMax && body.Length <= AnswerBytesMax;)
            {
                count = await rest.ReadAsync(part, stop);
                body.Write(part, 0, count);
            }
        }
        catch (IOException e)
        {
            throw new AdminClientException($"{_transport.Name}: the answer broke off after {body.Length}"
                + $"{(length is { } all ? $" of {Counted.Of(all, "byte")}" : body.Length == 1 ? " byte" : " bytes")}: "
                + "the proxy is exiting, or a connection between was cut; try again", e);
        }
        return length > AnswerBytesMax || body.Length > AnswerBytesMax
            ? throw new AdminClientException($"{_transport.Name}: the answer exceeds {AnswerBytesMax >> 20} MiB; is this a fasttcpproxy?")
            : body.ToArray();
    }

    /// <exception cref="AdminClientException">The answer is a refusal.</exception>
    private void CheckTaken(AdminQuestion question, HttpResponseMessage response, byte[] body)
    {
        int status = (int)response.StatusCode;
        if (_transport.ExplainStatus(status) is { } stranger) throw new AdminClientException($"{_transport.Name}: {stranger}");
        if (response.Headers.Location is { } elsewhere && status is >= 300 and < 400)
            throw new AdminClientException($"{_transport.Name}: the answer is a redirect (status {status}) to "
                + $"\"{elsewhere.OriginalString}\", which no fasttcpproxy sends; expected the address of one");
        if (response.IsSuccessStatusCode || status == question.AlsoTaken) return;
        ProblemDocument? problem = Problem(response, body);
        string detail = problem is null ? "" : $", {problem.Detail}";
        throw new AdminRefusedException($"{_transport.Name}: the proxy refused: status {status}{detail}", status, problem)
        {
            Names = question.Names,
        };
    }

    private AdminClientException NoAnswer(Exception e) =>
        new($"{_transport.Name}: no answer within {_patience.TotalSeconds:0.###} s: {_transport.Silence}", e);

    private AdminClientException NotReached(HttpRequestException e) =>
        new($"{_transport.Name}: {_transport.Explain(e)}", e) { NoServer = _transport.IsNoServer(e) };

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
