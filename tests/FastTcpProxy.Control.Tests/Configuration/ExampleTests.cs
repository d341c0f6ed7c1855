using System.Net;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>The configurations that people copy from load, and mean what they say.</summary>
public sealed class ExampleTests
{
    private const string Design = """
        {
          "$schema": "./fasttcpproxy.schema.json",
          "services": [
            {
              "name": "mail",
              "listen": ["0.0.0.0:25", "[::]:25"],        // "[::]:25" alone is dual-stack
              "mode": "proxy-v2",                          // "proxy-v1" | "proxy-v2" (default) | "raw"; an upstream may override it
              "connectTimeout": "5s",
              "onAllFailed": "reset",                      // how the client learns it: "reset" | "close"
              "acceptProxy": { "from": ["10.0.0.0/8"], "timeout": "3s" },   // read the header of a balancer in front; absent: never
              "upstreams": [
                { "name": "a", "address": "192.0.2.10:25" },                // address or DNS name and port
                { "name": "b", "address": "192.0.2.11:25", "mode": "raw" }
              ],
              "healthCheck": {                             // for all upstreams of the service; an upstream's own replaces single keys
                "url": "http://{host}:8080/health", "method": "GET", "headers": { "Host": "mail.example" }, "interval": "15s", "timeout": "5s",
                "probes": { "successes": 1, "failures": 1, "delay": "0s" },
                "expect": { "failStatus": ["5xx"], "body": "OK" },           // body: a text, or /a regular expression/
                "tls": { "verify": true, "serverName": "mail.example" }
              },
              "allDown": "try-in-order"
            }
          ],
          "admin": { "socket": "/run/fasttcpproxy/admin.sock", "stateDirectory": "/var/lib/fasttcpproxy" }
        }
        """;

    [Fact]
    public void Parse_DesignExample_GivesWhatItSays()
    {
        ConfigurationResult result = Given.Parse(Design);

        Assert.Empty(result.Errors);
        ServiceConfiguration service = Assert.Single(result.Configuration!.Services);
        Assert.Equal("mail", service.Name);
        Assert.Equal([new IPEndPoint(IPAddress.Any, 25), new IPEndPoint(IPAddress.IPv6Any, 25)],
            service.Listen.Select(listen => listen.EndPoint));
        Assert.All(service.Listen, listen => Assert.False(listen.DualStack));
        Assert.Equal([HeaderMode.ProxyV2, HeaderMode.Raw], service.Upstreams.Select(upstream => upstream.Mode));
        Assert.Equal(TimeSpan.FromSeconds(5), service.Settings.ConnectTimeout);
        Assert.Equal(IPNetwork.Parse("10.0.0.0/8"), Assert.Single(service.Settings.AcceptProxy!.From.Networks));
        Assert.Equal([new Uri("http://192.0.2.10:8080/health"), new Uri("http://192.0.2.11:8080/health")],
            service.Upstreams.Select(upstream => upstream.HealthCheck!.Url));
        Assert.Equal(new CheckHeader("Host", "mail.example"), Assert.Single(service.Upstreams[0].HealthCheck!.Headers));
        Assert.Equal("OK", service.Upstreams[0].HealthCheck!.Expect.Body!.Text);
        Assert.Equal("/var/lib/fasttcpproxy", result.Configuration.Admin!.StateDirectory);
        Assert.Equal([ConfigurationCodes.MixedModes, ConfigurationCodes.CheckKeyWithoutEffect],
            result.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public void Load_RepositoryExample_HasNeitherErrorNorWarning()
    {
        ConfigurationResult result = ConfigurationLoader.Load(Path.Combine(AppContext.BaseDirectory, "Examples", "fasttcpproxy.json"));

        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.Equal(2, result.Configuration!.Services.Length);
        Assert.All(result.Configuration.Services.SelectMany(service => service.Upstreams),
            upstream => Assert.NotNull(upstream.HealthCheck));
    }

    [Fact]
    public void Parse_SmallestFile_HasEveryDefault()
    {
        ProxyConfiguration configuration =
            Given.Valid("""{ "services": [{ "name": "s", "listen": ["[::]:1"], "upstreams": [{ "address": "a.example:2" }] }] }""");

        ServiceConfiguration service = Assert.Single(configuration.Services);
        Assert.True(Assert.Single(service.Listen).DualStack);
        UpstreamConfiguration upstream = Assert.Single(service.Upstreams);
        Assert.Equal(("a.example:2", "a.example", 2, HeaderMode.ProxyV2),
            (upstream.Name, upstream.Address.DnsName, upstream.Address.Port, upstream.Mode));
        Assert.Equal(TimeSpan.FromSeconds(5), service.Settings.ConnectTimeout);
        Assert.Null(service.Settings.TotalConnectTimeout);
        Assert.Equal(AllFailedAction.Reset, service.Settings.OnAllFailed);
        Assert.Null(service.Settings.AcceptProxy);
        Assert.Equal(TimeSpan.FromMinutes(10), service.Settings.IdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), service.Settings.HalfCloseTimeout);
        Assert.Equal(new KeepAliveOptions(60, 10, 6, 60_000), service.Settings.KeepAlive);
        Assert.Empty(service.Settings.SourceAddresses);
        Assert.Equal(0, service.Settings.SessionsMax);
        Assert.Equal(TimeSpan.FromSeconds(30), service.DnsRefresh);
        Assert.Equal((Environment.ProcessorCount, 65_536, TimeSpan.FromSeconds(30)),
            (configuration.Engine.Threads, configuration.Engine.MaxSessions, configuration.Engine.DrainTimeout));
        Assert.Equal(LogFormatSetting.Json, configuration.Log.Format);
        Assert.Null(configuration.Admin);
    }

    [Fact]
    public void Parse_SmallestAcceptProxy_HasEveryDefault()
    {
        AcceptProxyDefinition accept = Given.Valid(Given.Service("""
            "acceptProxy": { "from": ["10.0.0.1"] }
            """)).Services[0].Settings.AcceptProxy!;

        Assert.Equal(new IPNetwork(IPAddress.Parse("10.0.0.1"), 32), Assert.Single(accept.From.Networks));
        Assert.Equal((TimeSpan.FromSeconds(3), false, false), (accept.Timeout, accept.ServeOthers, accept.AddCrc32C));
        Assert.Empty(accept.PassTlvs);
    }
}
