using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Tests.Metrics;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>The page of metrics, from the real program.</summary>
public sealed class MetricsRouteTests(RoutesBed bed) : IClassFixture<RoutesBed>
{
    [Fact]
    public async Task Metrics_AreServedAsPrometheusReadsThem()
    {
        using HttpResponseMessage answer = await GetAsync(HttpMethod.Get);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        PrometheusSamples page = new(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, page["fasttcpproxy_service_ready{service=mail}"]);
        Assert.Equal(1, page[$"fasttcpproxy_upstream_serving{{service=mail,upstream={bed.SecondName}}}"]);
        Assert.Equal(1, page.Series.Count(s => s.StartsWith("fasttcpproxy_build_info{", StringComparison.Ordinal)));
        (await bed.Http.GetAsync("/metrics")).Is(200);
    }

    [Fact]
    public async Task Metrics_PassTheCheckOfPrometheus()
    {
        RequiresPeer.Prometheus();
        using HttpResponseMessage answer = await GetAsync(HttpMethod.Get);

        ProcessResult check = await ChildProcess.RunAsync(RequiresPeer.PromtoolPath, ["check", "metrics"],
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.True((check.ExitCode, check.Output + check.Error) == (0, ""), check.Output + check.Error);
    }

    [Fact]
    public async Task Metrics_AreCompressed_WhereTheClientAsksForIt()
    {
        using HttpResponseMessage answer = await GetAsync(HttpMethod.Get, "gzip;q=0.5");

        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        Assert.Equal(["Accept-Encoding"], answer.Headers.Vary);
        await using Stream body = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using StreamReader text = new(new GZipStream(body, CompressionMode.Decompress));
        _ = new PrometheusSamples(await text.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Head_HasTheFieldsAndNoBody()
    {
        using HttpResponseMessage answer = await GetAsync(HttpMethod.Head, "gzip");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("identity", false)]
    [InlineData("gzip", true)]
    [InlineData("deflate, GZIP;q=0.1", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("*", true)]
    [InlineData("*;q=0", false)]
    [InlineData("gzip;q=0, *", false)]
    [InlineData(";;;,", false)]
    public void Gzip_IsTakenByTheRules(string accepted, bool expected)
    {
        DefaultHttpContext context = new();
        context.Request.Headers.AcceptEncoding = accepted;

        Assert.Equal(expected, MetricsRoute.TakesGzip(context.Request));
    }

    private async Task<HttpResponseMessage> GetAsync(HttpMethod method, string? encoding = null)
    {
        using HttpClient http = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(bed.Socket), stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using HttpRequestMessage request = new(method, "http://localhost/metrics");
        if (encoding is not null) request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
