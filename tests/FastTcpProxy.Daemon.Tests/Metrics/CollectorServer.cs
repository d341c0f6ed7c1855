using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using FastTcpProxy.Testing.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>
/// A collector of OTLP metrics, over HTTP/1.1 and over gRPC, on Kestrel. It keeps every request, and answers as the test says. Any thread.
/// </summary>
internal sealed class CollectorServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CollectorServer(WebApplication app) => _app = app;

    /// <summary>The messages of the requests so far.</summary>
    public ConcurrentQueue<byte[]> Requests { get; } = new();

    /// <summary>The header Authorization of each.</summary>
    public ConcurrentQueue<string> Authorizations { get; } = new();

    /// <summary>What it answers with; a good answer by default.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = AnswerAsync;

    public required IPEndPoint EndPoint { get; init; }

    /// <summary>How each was compressed; empty: not at all.</summary>
    public ConcurrentQueue<string> Encodings { get; } = new();

    /// <param name="pemFile">Its certificate and key; null: it speaks no TLS.</param>
    public static async Task<CollectorServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1, string? pemFile = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        CollectorServer server = null!;
        IPEndPoint endPoint = FreePort.Loopback();
        builder.WebHost.ConfigureKestrel(k => k.Listen(endPoint, l =>
        {
            l.Protocols = protocols;
            if (pemFile is not null) l.UseHttps(X509Certificate2.CreateFromPemFile(pemFile));
        }));
        WebApplication app = builder.Build();
        server = new CollectorServer(app) { EndPoint = endPoint };
        app.Run(server.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task AnswerAsync(HttpContext context)
    {
        bool isGrpc = context.Request.ContentType == "application/grpc";
        context.Response.ContentType = context.Request.ContentType;
        if (!isGrpc) return Task.CompletedTask;
        context.Response.AppendTrailer("grpc-status", "0");
        return context.Response.Body.WriteAsync(new byte[5]).AsTask();
    }

    private static byte[] Read(byte[] body, string encoding)
    {
        if (encoding != "gzip") return body;
        using GZipStream source = new(new MemoryStream(body), CompressionMode.Decompress);
        using MemoryStream target = new();
        source.CopyTo(target);
        return target.ToArray();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        bool isGrpc = context.Request.ContentType == "application/grpc";
        Assert.Equal(isGrpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" : "/v1/metrics", context.Request.Path);
        string encoding = context.Request.Headers[isGrpc ? "grpc-encoding" : "Content-Encoding"].ToString();
        Assert.True(!isGrpc || body.GetBuffer()[0] == (encoding == "gzip" ? 1 : 0), "the flag says what the header says");
        Encodings.Enqueue(encoding);
        Requests.Enqueue(Read(body.ToArray()[(isGrpc ? 5 : 0)..], encoding));
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        await Answer(context);
    }
}
