using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>A real nginx as the health service: over HTTP and HTTPS, with and without the PROXY protocol. One test at a time.</summary>
public sealed class NginxTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    [Fact]
    public async Task Nginx_OverHttp_IsAskedForAllItsAnswers()
    {
        RequiresPeer.Nginx();
        await using var nginx = await HealthService.StartAsync(certificates);

        Assert.Equal((null, "status 200, the body contains \"OK\""),
            await AskAsync(Given.Http($"http://{nginx.Plain}/health").Expecting(Given.Text("OK"))));
        Assert.Equal((ProbeFailure.Status, "status 503"), await AskAsync(Given.Http($"http://{nginx.Plain}/down")));
        Assert.Equal((null, "status 301"), await AskAsync(Given.Http($"http://{nginx.Plain}/moved")));
        Assert.Equal((ProbeFailure.Status, "status 404"), await AskAsync(
            Given.Http($"http://{nginx.Plain}/none") with { Expect = new CheckExpectation { FailStatus = [new(400, 599)] } }));
        Assert.Equal(
            (ProbeFailure.Content, "status 200, but the body does not contain \"/^GOOD/\": \"OK, said nginx to \\u000a\""),
            await AskAsync(Given.Http($"http://{nginx.Plain}/health").Expecting(Given.Expression("^GOOD"))));
        Assert.Equal((null, "status 200"), await AskAsync(Given.Http($"http://{nginx.Plain}/health") with { Method = "HEAD" }));
    }

    [Fact]
    public async Task Nginx_OverHttps_IsVerified()
    {
        RequiresPeer.Nginx();
        await using var nginx = await HealthService.StartAsync(certificates);
        var tls = new CheckTls { Verify = true, ServerName = TestCertificates.Host, CaFile = certificates.CaFile };
        var config = Given.Http($"https://{nginx.Encrypted}/health").Expecting(Given.Text("OK"));

        Assert.Equal((null, "status 200, the body contains \"OK\""), await AskAsync(config));
        Assert.Equal((null, "status 200, the body contains \"OK\""), await AskAsync(config with { Tls = tls }));
        Assert.Equal(
            (ProbeFailure.Certificate, "certificate is not for mail.example but for health.test, 127.0.0.1"),
            await AskAsync(config with { Tls = tls with { ServerName = "mail.example" } }));
    }

    [Theory]
    [InlineData(CheckProxyHeader.V1)]
    [InlineData(CheckProxyHeader.V2)]
    public async Task Nginx_ThatSpeaksTheProxyProtocol_TakesTheHeader(CheckProxyHeader header)
    {
        RequiresPeer.Nginx();
        await using var nginx = await HealthService.StartAsync(certificates);
        // For LOCAL nginx knows no address; from v1 it has the check's own.
        var seen = header == CheckProxyHeader.V1 ? "OK, said nginx to 127.0.0.1" : "OK, said nginx to \n";

        Assert.Equal(ProbeFailure.Disconnected, (await AskAsync(Given.Http($"http://{nginx.Proxied}/health"))).Failure);
        Assert.Null((await AskAsync(
            Given.Http($"http://{nginx.Proxied}/health").Expecting(Given.Text(seen)) with { ProxyHeader = header })).Failure);
        Assert.Null((await AskAsync(
            Given.Http($"https://{nginx.EncryptedProxied}/health").Expecting(Given.Text(seen)) with { ProxyHeader = header })).Failure);
        Assert.Null((await AskAsync(Given.Tcp(nginx.Proxied) with { ProxyHeader = header })).Failure);
    }

    [Fact]
    public async Task Nginx_ThatIsStopped_IsRefused()
    {
        RequiresPeer.Nginx();
        await using var nginx = await HealthService.StartAsync(certificates);
        var config = Given.Http($"http://{nginx.Plain}/health");
        Assert.Null((await AskAsync(config)).Failure);

        await nginx.StopAsync();

        Assert.Equal((ProbeFailure.ConnectRefused, $"connect refused by {nginx.Plain}"), await AskAsync(config));
    }

    private static async Task<(ProbeFailure? Failure, string Text)> AskAsync(HealthCheckConfiguration config)
    {
        var result = await Given.RunAsync(config);
        return (result.Failure, result.Text);
    }

    /// <summary>Owns its nginx. One task at a time.</summary>
    private sealed class HealthService : IAsyncDisposable
    {
        private PeerProcess? _process;

        public IPEndPoint Plain { get; } = FreePort.Loopback();

        public IPEndPoint Encrypted { get; } = FreePort.Loopback();

        public IPEndPoint Proxied { get; } = FreePort.Loopback();

        public IPEndPoint EncryptedProxied { get; } = FreePort.Loopback();

        public static async Task<HealthService> StartAsync(TestCertificates certificates)
        {
            var service = new HealthService();
            var folder = new TempFolder("nginx");
            service._process = await NginxProcess.StartAsync(folder, $$"""
                ssl_certificate {{certificates.ServerFile}};
                ssl_certificate_key {{certificates.ServerKeyFile}};
                server {
                    listen {{service.Plain}};
                    listen {{service.Encrypted}} ssl;
                    listen {{service.Proxied}} proxy_protocol;
                    listen {{service.EncryptedProxied}} ssl proxy_protocol;
                    location /health { return 200 "OK, said nginx to $proxy_protocol_addr\n"; }
                    location /down { return 503; }
                    location /moved { return 301 /health; }
                    location / { return 404; }
                }
                """, service.Plain, service.Encrypted, service.Proxied, service.EncryptedProxied);
            return service;
        }

        public async Task StopAsync()
        {
            _process!.Child.Signal(UnixSignal.Terminate);
            await _process.Child.WaitForExitAsync();
        }

        public ValueTask DisposeAsync()
        {
            _process!.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
