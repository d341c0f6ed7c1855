using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// Sends requests to a collector, by HTTP or gRPC, one after the other over one connection. It does not try again: values are cumulative,
/// so the next export says all that one has lost. One task at a time; it owns the connection.
/// </summary>
internal sealed class OtlpSender : IDisposable
{
    /// <summary>Connections: one, and the next while the last one closes.</summary>
    public const int DescriptorsMax = 2;

    /// <summary>Bytes of an answer that are read; a good one has a few dozen.</summary>
    private const int AnswerBytesMax = 64 * 1024;

    private const string GrpcPath = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", HttpPath = "/v1/metrics";

    /// <summary>A byte that says "not compressed", and the length (gRPC over HTTP2, "Length-Prefixed-Message").</summary>
    private const int GrpcPrefixBytes = 5;

    private readonly OtlpConfiguration _to;
    private readonly HttpMessageInvoker _client;
    private readonly Uri _url;

    public OtlpSender(OtlpConfiguration to)
    {
        _to = to;
        bool isBase = to.Endpoint.PathAndQuery == "/";
        _url = IsGrpc ? new Uri(to.Endpoint, GrpcPath) : isBase ? new Uri(to.Endpoint, HttpPath) : to.Endpoint;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = static (context, stop) => CollectorStream.ConnectAsync(context.DnsEndPoint, stop),
            MaxConnectionsPerServer = 1,
            // A collector's address may change.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            MaxResponseHeadersLength = 16,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        });
    }

    private bool IsGrpc => _to.Protocol == OtlpProtocol.Grpc;

    /// <summary>Where the requests go, for people.</summary>
    public string Target => _url.ToString();

    /// <summary>Sends one request, within the time that the configuration gives to it.</summary>
    public async Task<OtlpResult> SendAsync(ReadOnlyMemory<byte> request, CancellationToken stop)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_to.Timeout);
        try
        {
            using HttpRequestMessage message = Make(request);
            using HttpResponseMessage answer = await _client.SendAsync(message, limit.Token);
            byte[] body = await ReadAsync(answer.Content, limit.Token);
            if (answer.StatusCode != HttpStatusCode.OK)
                return OtlpResult.Failed($"it answered with status {(int)answer.StatusCode}");
            return IsGrpc ? ReadGrpc(answer, body) : OtlpResult.Of(OtlpAnswer.Read(body));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return OtlpResult.Failed(string.Create(CultureInfo.InvariantCulture, $"no answer within {_to.Timeout.TotalSeconds:0.###} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return OtlpResult.Failed(e.InnerException is { } inner ? inner.Message : e.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Make(ReadOnlyMemory<byte> request)
    {
        HttpRequestMessage message = new(HttpMethod.Post, _url)
        {
            Version = IsGrpc ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = IsGrpc ? Frame(request) : new ReadOnlyMemoryContent(request),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(IsGrpc ? "application/grpc" : "application/x-protobuf");
        if (IsGrpc) message.Headers.TryAddWithoutValidation("TE", "trailers");
        foreach (OtlpHeader header in _to.Headers) message.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return message;
    }

    private static ByteArrayContent Frame(ReadOnlyMemory<byte> request)
    {
        byte[] framed = new byte[GrpcPrefixBytes + request.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), request.Length);
        request.CopyTo(framed.AsMemory(GrpcPrefixBytes));
        return new ByteArrayContent(framed);
    }

    private static OtlpResult ReadGrpc(HttpResponseMessage answer, byte[] body)
    {
        string? status = Find(answer, "grpc-status");
        if (status == "0")
            return body.Length >= GrpcPrefixBytes ? OtlpResult.Of(OtlpAnswer.Read(body.AsSpan(GrpcPrefixBytes))) : OtlpResult.Of((0, ""));
        string why = Uri.UnescapeDataString(Find(answer, "grpc-message") ?? "");
        return OtlpResult.Failed(status is null ? "its answer is not of gRPC" : $"it answered with gRPC status {status}: {why}");
    }

    private static string? Find(HttpResponseMessage answer, string name) =>
        answer.TrailingHeaders.TryGetValues(name, out IEnumerable<string>? last) || answer.Headers.TryGetValues(name, out last)
            ? last.First()
            : null;

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken stop)
    {
        await using Stream stream = await content.ReadAsStreamAsync(stop);
        byte[] buffer = new byte[AnswerBytesMax];
        int length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop);
        if (length == buffer.Length) throw new IOException($"its answer is longer than {AnswerBytesMax} bytes");
        return buffer[..length];
    }
}

/// <summary>What became of a request. Immutable.</summary>
/// <param name="Failure">Why it failed, for people; null: it was taken.</param>
/// <param name="Rejected">Points of it that the collector did not take.</param>
/// <param name="Message">What it says about them.</param>
internal readonly record struct OtlpResult(string? Failure, long Rejected, string Message)
{
    public static OtlpResult Failed(string why) => new(why, 0, "");

    public static OtlpResult Of((long Rejected, string Message) answer) => new(null, answer.Rejected, answer.Message);
}
