using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Admin.Routes;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace FastTcpProxy.Daemon.Tests.Metrics;

/// <summary>The real program and a collector that reads what it is sent.</summary>
public sealed class OtlpExportTests
{
    [Theory]
    [InlineData("http/protobuf", HttpProtocols.Http1, "none")]
    [InlineData("http/protobuf", HttpProtocols.Http1, "gzip")]
    [InlineData("grpc", HttpProtocols.Http2, "none")]
    [InlineData("grpc", HttpProtocols.Http2, "gzip")]
    public async Task Export_HasTheCountsOfThePage(string protocol, HttpProtocols protocols, string compression)
    {
        await using CollectorServer collector = await CollectorServer.StartAsync(protocols);
        using TempFolder folder = new("otlp");
        string headers = folder.Write("headers", "Authorization: Bearer 0123456789\n");
        File.SetUnixFileMode(headers, UnixFileMode.UserRead);
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(folder, collector.EndPoint,
            $"\"protocol\": \"{protocol}\", \"headersFile\": \"{headers}\", \"compression\": \"{compression}\""));
        await ServedSocket.AwaitAsync(folder["admin.sock"], "the administrative socket is there");
        using AdminHttp http = new(folder["admin.sock"]);

        await WaitAsync(() => collector.Requests.Count >= 2, "two exports have arrived");

        OtlpText sent = new();
        sent.Read(collector.Requests.Last());
        PrometheusSamples page = new((await http.GetAsync("/metrics")).Body);
        Assert.Equal(Steady(page.Series), Steady(sent.Series.Keys));
        Assert.Equal(page["process_start_time_seconds{}"], sent.Series["process_start_time_seconds{}"], 1e-3);
        Assert.All(page.Series.Where(s => s.Contains("service=mail", StringComparison.Ordinal)),
            s => Assert.Equal(page[s], sent.Series[s]));
        Assert.All(collector.Encodings, e => Assert.Equal(compression == "gzip" ? "gzip" : "", e));
        Assert.All(collector.Authorizations, a => Assert.Equal("Bearer 0123456789", a));
        Assert.DoesNotContain(" 615", Log(proxy), StringComparison.Ordinal);
    }

    /// <summary>An authority of one's own, which may change while the proxy runs: the file is read again after a failure.</summary>
    [Theory]
    [InlineData("http/protobuf", HttpProtocols.Http1)]
    [InlineData("grpc", HttpProtocols.Http2)]
    public async Task Export_ToACollectorWithTls_TrustsTheFileAsItIs(string protocol, HttpProtocols protocols)
    {
        using TempFolder folder = new("otlp");
        string served = folder.Write("served.pem", TcpBed.MakeCertificate()), trusted = folder.Write("ca.pem", TcpBed.MakeCertificate());
        await using CollectorServer collector = await CollectorServer.StartAsync(protocols, served);
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(folder, collector.EndPoint,
            $"\"protocol\": \"{protocol}\", \"caFile\": \"{trusted}\"", "https"));

        await WaitAsync(() => Log(proxy).Contains(" 6150 ", StringComparison.Ordinal), "the stranger is refused");
        Assert.Empty(collector.Requests);
        File.Delete(trusted);
        File.Copy(served, trusted);

        await WaitAsync(() => Log(proxy).Contains(" 6151 ", StringComparison.Ordinal), "the new authority is trusted");
        Assert.NotEmpty(collector.Requests);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("silent")]
    [InlineData("status")]
    [InlineData("garbage")]
    [InlineData("long")]
    public async Task Export_ThatFails_IsToldOnce_AndWorksAgain(string how)
    {
        CollectorServer collector = await CollectorServer.StartAsync();
        using TempFolder folder = new("otlp");
        using TcpListener garbage = new(IPAddress.Loopback, 0);
        garbage.Start();
        _ = AnswerWithGarbageAsync(garbage);
        collector.Answer = context => how switch
        {
            "silent" => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "long" => context.Response.Body.WriteAsync(new byte[200_000]).AsTask(),
            _ => Fail(context),
        };
        IPEndPoint target = how switch
        {
            "down" => FreePort.Loopback(),
            "garbage" => (IPEndPoint)garbage.LocalEndpoint,
            _ => collector.EndPoint,
        };
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(folder, target, "\"timeout\": \"300ms\""));
        await ServedSocket.AwaitAsync(folder["admin.sock"], "the administrative socket is there");
        using AdminHttp http = new(folder["admin.sock"]);

        await WaitAsync(() => Log(proxy).Contains(" 6150 ", StringComparison.Ordinal), "the failure is told");
        (await http.GetAsync("/metrics")).Is(200);
        collector.Answer = static _ => Task.CompletedTask;
        if (target == collector.EndPoint)
            await WaitAsync(() => Log(proxy).Contains(" 6151 ", StringComparison.Ordinal), "the export works again");

        Assert.Equal(2, Log(proxy).Split(" 6150 ").Length);
        await collector.DisposeAsync();
    }

    [Fact]
    public async Task Rejection_IsToldOnce()
    {
        await using CollectorServer collector = await CollectorServer.StartAsync();
        collector.Answer = static context => context.Response.Body.WriteAsync(
            Convert.FromHexString("0A0908AC02120466756C6C")).AsTask();
        using TempFolder folder = new("otlp");
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Configuration(folder, collector.EndPoint, ""));

        await WaitAsync(() => collector.Requests.Count >= 3, "three exports have arrived");

        Assert.Contains("has rejected 300 points: full", Log(proxy), StringComparison.Ordinal);
        Assert.Equal(2, Log(proxy).Split(" 6152 ").Length);
    }

    private static string Log(ProxyProcess proxy) => proxy.Child.Error.ToString();

    private static async Task AnswerWithGarbageAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("\0\u0001 what?\r\n\r\n"u8.ToArray());
            }
        }
        catch (SocketException)
        {
            // The test is over.
        }
    }

    private static Task Fail(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>Those that are there from the start. A value may come between the two readings.</summary>
    private static IEnumerable<string> Steady(IEnumerable<string> series) =>
        series.Where(s => !s.StartsWith("fasttcpproxy_sessions_ended", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static Task WaitAsync(Func<bool> condition, string what) => Eventually.HoldsAsync(condition, what);

    private static string Configuration(TempFolder folder, IPEndPoint collector, string keys, string scheme = "http") => $$"""
        { "services": [{ "name": "mail", "listen": ["{{FreePort.Loopback()}}"], "mode": "raw",
            "upstreams": [{ "name": "a", "address": "127.0.0.1:9" }] }],
          "admin": { "socket": "{{folder["admin.sock"]}}" },
          "metrics": { "otlp": { "endpoint": "{{scheme}}://{{collector}}", "interval": "1s", {{keys}} } } }
        """;
}
