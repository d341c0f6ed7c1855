using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// Sends requests to a collector, by HTTP or gRPC, one after the other over one connection. It does not try again: values are cumulative,
/// so the next export says all that one has lost. One task at a time; it owns the connection.
/// </summary>
internal sealed class OtlpSender : IDisposable
{
    /// <summary>Bytes of an answer that are read; a good one has a few dozen.</summary>
    private const int AnswerBytesMax = 64 * 1024;

    private const string GrpcPath = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", HttpPath = "/v1/metrics";

    private const string Gzip = "gzip";

    /// <summary>A byte that says whether it is compressed, and the length (gRPC over HTTP2, "Length-Prefixed-Message").</summary>
    private const int GrpcPrefixBytes = 5;

    private readonly OtlpConfiguration _to;
    private readonly Uri _url;
    private HttpMessageInvoker? _client;

    public OtlpSender(OtlpConfiguration to)
    {
        _to = to;
        bool isBase = to.Endpoint.PathAndQuery == "/";
        _url = IsGrpc ? new Uri(to.Endpoint, GrpcPath) : isBase ? new Uri(to.Endpoint, HttpPath) : to.Endpoint;
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
            _client ??= new HttpMessageInvoker(MakeHandler());
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
        catch (CertificateFileException e)
        {
            return OtlpResult.Failed($"metrics.otlp.caFile: {e.Message}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The file with the issuers may have changed.
            if (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) Dispose();
            return OtlpResult.Failed(e.InnerException is { } inner ? inner.Message : e.Message);
        }
    }

    /// <summary>Closes the connection. The next request makes another.</summary>
    public void Dispose()
    {
        _client?.Dispose();
        _client = null;
    }

    private SocketsHttpHandler MakeHandler() => new()
    {
        ConnectCallback = static (context, stop) => CollectorStream.ConnectAsync(context.DnsEndPoint, stop),
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = MakePolicy(_to.CaFile), EnabledSslProtocols = TlsRules.Protocols,
        },
        MaxConnectionsPerServer = 1,
        // A collector's address may change.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        MaxResponseHeadersLength = 16,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
    };

    /// <exception cref="CertificateFileException">The file cannot be used any more.</exception>
    private static X509ChainPolicy MakePolicy(string? caFile)
    {
        // No network query is made to judge a certificate.
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (caFile is null) return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(CertificateFiles.Shared.Authorities(caFile));
        return policy;
    }

    private HttpRequestMessage Make(ReadOnlyMemory<byte> request)
    {
        if (_to.IsCompressed) request = Compress(request);
        HttpRequestMessage message = new(HttpMethod.Post, _url)
        {
            Version = IsGrpc ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = IsGrpc ? Frame(request, _to.IsCompressed) : new ReadOnlyMemoryContent(request),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(IsGrpc ? "application/grpc" : "application/x-protobuf");
        if (IsGrpc) message.Headers.TryAddWithoutValidation("TE", "trailers");
        if (_to.IsCompressed && IsGrpc) message.Headers.TryAddWithoutValidation("grpc-encoding", Gzip);
        else if (_to.IsCompressed) message.Content.Headers.ContentEncoding.Add(Gzip);
        foreach (OtlpHeader header in _to.Headers) message.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return message;
    }

    private static ReadOnlyMemory<byte> Compress(ReadOnlyMemory<byte> request)
    {
        using MemoryStream target = new();
        using (GZipStream gzip = new(target, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(request.Span);
        return target.GetBuffer().AsMemory(0, (int)target.Length);
    }

    private static ByteArrayContent Frame(ReadOnlyMemory<byte> request, bool isCompressed)
    {
        byte[] framed = new byte[GrpcPrefixBytes + request.Length];
        framed[0] = isCompressed ? (byte)1 : (byte)0;
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
