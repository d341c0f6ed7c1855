using System.Net;
using System.Net.Security;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Asks by one HTTP request over its own connection, with or without TLS. On the thread pool, one probe at a time; it owns its client,
/// its request and its connection.
/// </summary>
/// <remarks>
/// Connect and handshake come first and separately, and the HTTP client gets a ready stream. So a failure there is a value and not an
/// exception, the client's own timers and pending connects are not needed, and the phase is known when the time runs out.
/// </remarks>
internal sealed class HttpProbe : Probe
{
    private readonly HealthCheckConfiguration _config;
    private readonly ProbeConnector _connector;
    private readonly TlsClient? _tls;
    private readonly HttpMessageInvoker _client;
    private readonly HttpRequestMessage _request;
    private readonly string? _requestError;
    private Stream? _ready;
    private (int Status, string Text) _last = (0, "");

    public HttpProbe(HealthCheckConfiguration config, IAddressBook book, TimeProvider time)
        : base(config, IsEncrypted(config.Url!) ? ProbeLimits.EncryptedBytesMax : ProbeLimits.PlainBytesMax, time)
    {
        _config = config;
        Uri url = config.Url!;
        _request = HttpRequestTemplate.Make(config, out _requestError);
        if (IsEncrypted(url)) _tls = new TlsClient(config.Tls, TlsClient.HostOf(config.Tls, HttpRequestTemplate.HostOf(config), url));
        _connector = new ProbeConnector(url, config, book);
        _client = new HttpMessageInvoker(MakeHandler(TakeReadyStream), disposeHandler: true);
    }

    public override void Dispose()
    {
        base.Dispose();
        _client.Dispose();
        _request.Dispose();
    }

    private static bool IsEncrypted(Uri url) => url.Scheme == Uri.UriSchemeHttps;

    private static SocketsHttpHandler MakeHandler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        ConnectCallback = connect,
        // The connection's own time holds; the callback returns at once.
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        // A connection that has served is closed, not kept.
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseHeadersLength = ProbeLimits.HeadBytesMax / 1024,
        // Without any bound the client makes a new pool for each request, as nothing is to be kept in one; that costs more than all the
        // rest of it.
        MaxConnectionsPerServer = int.MaxValue - 1,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        MaxResponseDrainSize = 0,
        ResponseDrainTimeout = TimeSpan.Zero,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        PreAuthenticate = false,
        ActivityHeadersPropagator = null,
    };

    /// <summary>The client gets one connection for each probe: a second would be another try.</summary>
    private ValueTask<Stream> TakeReadyStream(SocketsHttpConnectionContext context, CancellationToken stop) =>
        Interlocked.Exchange(ref _ready, null) is { } stream
            ? ValueTask.FromResult(stream)
            : ValueTask.FromException<Stream>(new IOException("the probe's connection is used up"));

    protected override async ValueTask<ProbeOutcome> AskAsync()
    {
        if (_requestError is not null) return new(ProbeFailure.Fault, _requestError);
        if (await _connector.OpenAsync(Connection) is { } failure) return failure;
        ProbeStream plain = new(Connection);
        SslStream? encrypted = null;
        try
        {
            if (_tls is not null)
            {
                (encrypted, ProbeOutcome? refused) = await _tls.HandshakeAsync(Connection, plain);
                if (refused is not null) return refused.Value;
            }
            Connection.Phase = ProbePhase.Answer;
            _ready = (Stream?)encrypted ?? plain;
            using HttpResponseMessage answer = await _client.SendAsync(_request, CancellationToken.None);
            return await JudgeAsync(answer);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            return DescribeFailure(e);
        }
        finally
        {
            // Before all else, so that no code closes the connection in order: it is reset.
            Connection.Close();
            plain.Detach();
            _ready = null;
            if (encrypted is not null) await encrypted.DisposeAsync();
        }
    }

    private async ValueTask<ProbeOutcome> JudgeAsync(HttpResponseMessage answer)
    {
        int status = (int)answer.StatusCode;
        if (status is < 100 or > 599)
            return new(ProbeFailure.Protocol, $"the answer has the status {status:000}, which HTTP does not have");
        foreach (StatusRange bad in _config.Expect.FailStatus)
        {
            if (bad.Contains(status)) return new(ProbeFailure.Status, StatusText(status));
        }
        if (_config.Expect.Body is not { } pattern)
        {
            Connection.Close();
            return new(null, StatusText(status));
        }
        Connection.Phase = ProbePhase.Body;
        using ContentScan scan = new(pattern);
        return await ReadBodyAsync(answer, scan) switch
        {
            BodyEnd.Found => new(null, $"{StatusText(status)}, the body contains {Wording.Quote(pattern.Text)}"),
            BodyEnd.TooLarge => new(
                ProbeFailure.TooLarge,
                $"{StatusText(status)}, but the first {ByteText.Of(ProbeLimits.ContentBytesMax)} of the body do not "
                + $"contain {Wording.Quote(pattern.Text)}"),
            _ => new(ProbeFailure.Content,
                $"{StatusText(status)}, but the body does not contain {Wording.Quote(pattern.Text)}: {ProbeText.Quote(scan.Seen)}"),
        };
    }

    private enum BodyEnd
    {
        Found,
        NotFound,
        TooLarge,
    }

    /// <summary>Reads as much of the body as is needed.</summary>
    private async ValueTask<BodyEnd> ReadBodyAsync(HttpResponseMessage answer, ContentScan scan)
    {
        Stream body = await answer.Content.ReadAsStreamAsync();
        try
        {
            while (!scan.IsFull)
            {
                int count = await body.ReadAsync(scan.Free);
                if (count == 0) return scan.Complete() ? BodyEnd.Found : BodyEnd.NotFound;
                if (scan.Take(count)) return BodyEnd.Found;
            }
            // An expression that looks at the end must know whether this is one.
            if (scan.HasMatch()) return BodyEnd.Found;
            if (await body.ReadAsync(new byte[1]) > 0) return BodyEnd.TooLarge;
            return scan.Complete() ? BodyEnd.Found : BodyEnd.NotFound;
        }
        catch (Exception e) when (e is HttpRequestException or IOException && Connection.End == ProbeEnd.Timeout && scan.HasMatch())
        {
            return BodyEnd.Found;
        }
    }

    private string StatusText(int status)
    {
        // Nearly always the one of the last time.
        if (_last.Status != status) _last = (status, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"status {status}"));
        return _last.Text;
    }

    private ProbeOutcome DescribeFailure(Exception error)
    {
        if (AnswerFailures.Explain(Connection)) return AnswerFailures.Describe(Connection);
        HttpRequestError kind = error switch
        {
            HttpRequestException e => e.HttpRequestError,
            HttpIOException e => e.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        return kind switch
        {
            HttpRequestError.ConfigurationLimitExceeded =>
                new(ProbeFailure.TooLarge, $"the head of the answer is longer than {ByteText.Of(ProbeLimits.HeadBytesMax)}"),
            HttpRequestError.InvalidResponse => new(ProbeFailure.Protocol, $"the answer is not HTTP: {Innermost(error)}"),
            HttpRequestError.ResponseEnded => new(ProbeFailure.Disconnected, "the connection was closed in the middle of the answer"),
            // TLS says good-bye before the connection ends: the client then asks for another one.
            HttpRequestError.ConnectionError => new(ProbeFailure.Disconnected, "the connection was closed before any answer"),
            _ when _tls is not null => TlsClient.Describe(error),
            _ => new(ProbeFailure.Protocol, $"the answer is not HTTP: {Innermost(error)}"),
        };
    }

    private static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error.Message;
    }
}
