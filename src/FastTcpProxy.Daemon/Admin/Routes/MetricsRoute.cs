using System.IO.Compression;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>All metrics for Prometheus, as text, compressed where the client can read that. Immutable, any thread.</summary>
internal static class MetricsRoute
{
    private const string Gzip = "gzip";

    /// <summary>
    /// Bytes that are written at once: with the size of the chunk before them and the line end after them (RFC 9112, section 7.1) what the
    /// connection sends at once. A few more would be sent by themselves.
    /// </summary>
    private const int PieceBytes = AdminLimits.SendBytes - 16;

    public static AdminRoute For(MetricsSource source) => new(HttpMethods.Get, AdminPaths.Metrics, request =>
        AnswerAsync(request.Context, source));

    private static async Task AnswerAsync(HttpContext context, MetricsSource source)
    {
        HttpResponse response = context.Response;
        response.ContentType = PrometheusText.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        bool isCompressed = TakesGzip(context.Request);
        if (isCompressed) response.Headers.ContentEncoding = Gzip;
        // What follows has no length that could be told, and no body is sent.
        if (HttpMethods.IsHead(context.Request.Method)) return;
        using MetricsView view = source.Read();
        if (!isCompressed)
        {
            await PrometheusPage.WriteAsync(view, response.Body, PieceBytes, context.RequestAborted);
            return;
        }
        // Lines repeat each other: the fastest level leaves a twentieth of the bytes, and the others cost many times its time.
        await using GZipStream compressed = new(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await PrometheusPage.WriteAsync(view, compressed, PieceBytes, context.RequestAborted);
    }

    /// <summary>RFC 9110, section 12.5.3: named, or by the asterisk, with a weight that is not 0.</summary>
    internal static bool TakesGzip(HttpRequest request)
    {
        StringWithQualityHeaderValue? byName = null, byAny = null;
        foreach (StringWithQualityHeaderValue taken in request.GetTypedHeaders().AcceptEncoding)
        {
            if (taken.Value.Equals(Gzip, StringComparison.OrdinalIgnoreCase)) byName = taken;
            else if (taken.Value == "*") byAny = taken;
        }
        return (byName ?? byAny) is { } meant && meant.Quality is not 0;
    }
}
