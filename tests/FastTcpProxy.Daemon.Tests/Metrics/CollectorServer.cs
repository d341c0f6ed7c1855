using System.Collections.Concurrent;
using System.Net;
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

    public static async Task<CollectorServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        CollectorServer server = null!;
        IPEndPoint endPoint = FreePort.Loopback();
        builder.WebHost.ConfigureKestrel(k => k.Listen(endPoint, l => l.Protocols = protocols));
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

    private async Task TakeAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        bool isGrpc = context.Request.ContentType == "application/grpc";
        Assert.Equal(isGrpc ? "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" : "/v1/metrics", context.Request.Path);
        Requests.Enqueue(body.ToArray()[(isGrpc ? 5 : 0)..]);
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        await Answer(context);
    }
}
