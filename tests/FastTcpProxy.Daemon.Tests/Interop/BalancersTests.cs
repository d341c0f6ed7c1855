using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Interop;

/// <summary>
/// A real balancer in front of our proxy, and a real server behind it: what the balancer says of the client arrives at the server.
/// One test at a time; the class's fixture owns the receivers, each test its balancer and its proxy.
/// </summary>
public sealed class BalancersTests(Receivers receivers) : IClassFixture<Receivers>
{
    private const string FromLoopback = """{ "from": ["127.0.0.0/8"], "timeout": "3s" }""";
    private const string FromElsewhere = """{ "from": ["192.0.2.0/24"], "timeout": "3s" }""";
    private const string FromElsewhereOthersPlain = """{ "from": ["192.0.2.0/24"], "timeout": "3s", "others": "plain" }""";
    private const string PassingUniqueId = """{ "from": ["127.0.0.0/8"], "timeout": "3s", "passTlvs": ["unique-id"], "crc32c": true }""";
    private const string PassingUniqueIdByNumber = """{ "from": ["127.0.0.0/8"], "timeout": "3s", "passTlvs": ["0x05"] }""";

    /// <summary>What HAProxy sends and what we send on, with clients of both families.</summary>
    public static TheoryData<string, string, ReceiverKind, int> HAProxyCases
    {
        get
        {
            var cases = new TheoryData<string, string, ReceiverKind, int>();
            foreach (var options in (string[])["send-proxy", "send-proxy-v2"])
            {
                foreach (var mode in (string[])["proxy-v1", "proxy-v2"])
                {
                    cases.Add(options, mode, ReceiverKind.Nginx, 4);
                    cases.Add(options, mode, ReceiverKind.Nginx, 6);
                    cases.Add(options, mode, ReceiverKind.HAProxy, 4);
                    cases.Add(options, mode, ReceiverKind.HAProxy, 6);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(HAProxyCases))]
    public async Task HAProxyInFront_Receiver_NamesTheBalancersClient(string options, string mode, ReceiverKind kind, int family)
    {
        RequiresPeer.HAProxy();
        var receiver = await receivers.GetAsync(kind);
        var inner = FreePort.Loopback();
        var outer = ReceiverCases.Listen(family);
        var source = ReceiverCases.Source(family);
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(receiver.EndPoint, mode, FromLoopback, inner.ToString()));
        using var balancer = await HAProxySender.StartAsync(inner, options, outer);

        await ReceiverCases.AssertNamesClientAsync(receiver, outer, source);

        // The log's client is the one of the header too.
        var session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Contains(source.Port.ToString(), session.GetRawText());
    }

    [Theory]
    [InlineData("proxy-v1", 4)]
    [InlineData("proxy-v1", 6)]
    [InlineData("proxy-v2", 4)]
    [InlineData("proxy-v2", 6)]
    public async Task NginxStreamInFront_Receiver_NamesTheBalancersClient(string mode, int family)
    {
        RequiresPeer.NginxStream();
        var receiver = await receivers.GetAsync(ReceiverKind.Nginx);
        var inner = FreePort.Loopback();
        var outer = ReceiverCases.Listen(family);
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(receiver.EndPoint, mode, FromLoopback, inner.ToString()));
        using var balancer = await NginxStreamSender.StartAsync(inner, outer);

        await ReceiverCases.AssertNamesClientAsync(receiver, outer, ReceiverCases.Source(family));
    }

    /// <summary>HAProxy behind us verifies the checksum that we make anew, so an answer means that it is right.</summary>
    [Theory]
    [InlineData(PassingUniqueId)]
    [InlineData(PassingUniqueIdByNumber)]
    public async Task HAProxyInFront_ListedTlv_ArrivesBehindUs(string acceptProxy)
    {
        var (text, source) = await AskWithTlvsAsync(acceptProxy);

        Assert.Contains($"unique-id={HAProxySender.UniqueIdPrefix}{source} ", text);
    }

    [Fact]
    public async Task HAProxyInFront_TlvThatIsNotListed_IsKeptBack()
    {
        var (text, _) = await AskWithTlvsAsync(FromLoopback);

        Assert.Contains("unique-id= ", text);
    }

    [Fact]
    public async Task TrustedPeer_NoHeader_NothingReachesTheUpstream()
    {
        await using var upstream = new HeaderUpstream();
        var listen = FreePort.Loopback();
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(upstream.EndPoint, "proxy-v2", FromLoopback, listen.ToString()));

        await AssertIsRefusedAsync(upstream, listen);
    }

    [Fact]
    public async Task UnlistedPeer_WithAHeader_IsRefused()
    {
        RequiresPeer.HAProxy();
        await using var upstream = new HeaderUpstream();
        var inner = FreePort.Loopback();
        var outer = FreePort.Loopback();
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(upstream.EndPoint, "proxy-v2", FromElsewhere, inner.ToString()));
        using var balancer = await HAProxySender.StartAsync(inner, "send-proxy-v2", outer);

        await AssertIsRefusedAsync(upstream, outer);
    }

    [Fact]
    public async Task UnlistedPeer_ServedPlain_IsNamedItself()
    {
        var receiver = await receivers.GetAsync(ReceiverKind.Nginx);
        var listen = FreePort.Loopback();
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(receiver.EndPoint, "proxy-v2", FromElsewhereOthersPlain, listen.ToString()));

        await ReceiverCases.AssertNamesClientAsync(receiver, listen, ReceiverCases.Source(4));
    }

    /// <summary>The client's connection ends without a byte, and the upstream never saw one.</summary>
    private static async Task AssertIsRefusedAsync(HeaderUpstream upstream, IPEndPoint via)
    {
        var answer = "";
        var error = await Record.ExceptionAsync(async () =>
        {
            using var client = await TestClient.ConnectAsync(via);
            await client.SendAsync("GET / HTTP/1.1\r\n\r\n");
            answer = await client.ReceiveToEndAsync();
        });

        Assert.True(error is null or SocketException, $"neither an end nor a reset: {error}");
        Assert.Equal("", answer);
        Assert.Equal(0, upstream.AcceptedCount);
    }

    private async Task<(string Text, int SourcePort)> AskWithTlvsAsync(string acceptProxy)
    {
        RequiresPeer.HAProxy();
        var receiver = await receivers.GetAsync(ReceiverKind.HAProxy);
        var inner = FreePort.Loopback();
        var outer = FreePort.Loopback();
        var source = ReceiverCases.Source(4);
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(receiver.EndPoint, "proxy-v2", acceptProxy, inner.ToString()));
        using var balancer = await HAProxySender.StartAsync(inner, "send-proxy-v2 proxy-v2-options unique-id,crc32c", outer);
        var report = await ReceiverCases.AssertNamesClientAsync(receiver, outer, source);
        return (report.Text, source.Port);
    }
}
