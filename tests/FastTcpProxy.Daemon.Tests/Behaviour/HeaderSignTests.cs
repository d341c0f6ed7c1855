using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// A real nginx with a port that requires a PROXY header and one that knows none, behind services and checks that have it the wrong way
/// round: the log says what it looks like. Each test owns its proxy and its nginx.
/// </summary>
public sealed class HeaderSignTests
{
    [Theory]
    [InlineData("proxy-v2", "may not expect a PROXY header: 3 probes in a row sent one; the last: status 400")]
    [InlineData("raw", "may expect a PROXY header: 3 probes in a row sent none; the last: the connection was closed before any answer")]
    public async Task Check_AtAPortOfTheOtherKind_IsToldAfterSomeProbes(string mode, string says)
    {
        using Ports ports = await Ports.StartAsync();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(FreePort.Loopback(), [ports.OtherThan(mode)], mode,
            """ "healthCheck": { "url": "http://{host}:{port}/", "interval": "100ms", "timeout": "5s" }, """));

        await WaitForLogAsync(proxy, $"service s: upstream a {says}");
    }

    [Theory]
    [InlineData("proxy-v2")]
    [InlineData("raw")]
    public async Task Check_AtItsUpstreamsPort_SendsTheHeaderOfTheMode(string mode)
    {
        using Ports ports = await Ports.StartAsync();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [ports.Of(mode)], mode,
            """ "healthCheck": { "url": "http://{host}:{port}/", "interval": "100ms", "timeout": "5s" }, """));

        await WaitForLogAsync(proxy, "upstream a is up: status 200");
        Assert.EndsWith("served", await AskAsync(listen));
    }

    [Fact]
    public async Task Sessions_AtAPortThatRequiresAHeader_AreToldAfterSome()
    {
        using Ports ports = await Ports.StartAsync();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [ports.OtherThan("raw")]));

        for (int i = 0; i < 5; i++) Assert.Equal("", await AskAsync(listen));

        await WaitForLogAsync(proxy,
            "service s: upstream a may expect a PROXY header: it closed 5 sessions in a row without an answer; its mode is \"raw\"");
    }

    [Fact]
    public async Task Sessions_ThatAreResetAtTheHeader_AreToldAfterSome()
    {
        await using ResettingUpstream upstream = new(ResetMoment.OnFirstBytes);
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], "proxy-v2"));

        for (int i = 0; i < 5; i++) await Ends.AssertConnectIsResetAsync(listen);

        await WaitForLogAsync(proxy, "service s: upstream a may not expect a PROXY header: it closed 5 sessions in a row without an "
            + "answer, right after the header; mode \"raw\" sends none");
    }

    [Fact]
    public async Task Reload_OfACheckAgainstTheMode_LogsTheWarning()
    {
        IPEndPoint listen = FreePort.Loopback();
        IPEndPoint upstream = FreePort.Loopback();
        string Text(string check) => ServiceText.Of(listen, [upstream], keys: $$"""  "healthCheck": { "type": "tcp" {{check}} }, """);
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Text(""));

        File.WriteAllText(proxy.ConfigurationPath, Text(", \"proxyHeader\": \"v2\""));
        proxy.Child.Signal(UnixSignal.Hangup);

        await WaitForLogAsync(proxy, "warning C114: services[0].healthCheck.proxyHeader is \"v2\", but service \"s\" connects to upstream");
    }

    private static async Task<string> AskAsync(IPEndPoint listen)
    {
        using TestClient client = await TestClient.ConnectAsync(listen);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
        return await client.ReceiveToEndAsync();
    }

    private static Task WaitForLogAsync(ProxyProcess proxy, string text, int times = 1) => Eventually.HoldsAsync(
        () => proxy.Child.Error.Snapshot().Count(line => line.Contains(text, StringComparison.Ordinal)) >= times,
        $"the log says {times} times: {text}",
        detail: () => proxy.Child.Error.Tail());

    /// <summary>An nginx with both kinds of port.</summary>
    private sealed class Ports(PeerProcess nginx, IPEndPoint plain, IPEndPoint proxied) : IDisposable
    {
        public static async Task<Ports> StartAsync()
        {
            RequiresPeer.Nginx();
            (IPEndPoint plain, IPEndPoint proxied) = (FreePort.Loopback(), FreePort.Loopback());
            PeerProcess nginx = await NginxProcess.StartAsync(new TempFolder("nginx"), $$"""
                server {
                    listen {{plain}};
                    listen {{proxied}} proxy_protocol;
                    location / { return 200 "served"; }
                }
                """, plain, proxied);
            return new Ports(nginx, plain, proxied);
        }

        public IPEndPoint Of(string mode) => mode == "raw" ? plain : proxied;

        public IPEndPoint OtherThan(string mode) => mode == "raw" ? proxied : plain;

        public void Dispose() => nginx.Dispose();
    }
}
