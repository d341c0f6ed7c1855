using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Interop;

/// <summary>
/// Our header, read by real servers: each must name the true client, whatever version and family.
/// One test at a time; the class's fixture owns the receivers, each test its proxy.
/// </summary>
public sealed class ReceiversTests(Receivers receivers) : IClassFixture<Receivers>
{
    [Theory]
    [MemberData(nameof(ReceiverCases.All), MemberType = typeof(ReceiverCases))]
    public async Task Receiver_ThroughTheProxy_NamesTheClient(ReceiverKind kind, int version, int family)
    {
        var receiver = await receivers.GetAsync(kind);
        var listen = ReceiverCases.Listen(family);
        var source = ReceiverCases.Source(family);
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(receiver.EndPoint, Mode(version), acceptProxy: null, listen.ToString()));

        await ReceiverCases.AssertNamesClientAsync(receiver, listen, source);

        var session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Contains(source.Port.ToString(), session.GetRawText());
    }

    /// <summary>
    /// A dual-stack listener sees an IPv4 client as ::ffff:a.b.c.d: what it announces is the IPv4 address, and of the family of the client.
    /// </summary>
    [Theory]
    [MemberData(nameof(ReceiverCases.All), MemberType = typeof(ReceiverCases))]
    public async Task Receiver_ThroughADualStackListener_NamesTheClientByItsOwnFamily(ReceiverKind kind, int version, int family)
    {
        var receiver = await receivers.GetAsync(kind);
        var port = FreePort.Next();
        var via = new IPEndPoint(family == 6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, port);
        using var proxy = await ProxyProcess.StartAsync(
            ProxyConfiguration.OneService(receiver.EndPoint, Mode(version), acceptProxy: null, $"[::]:{port}"));

        await ReceiverCases.AssertNamesClientAsync(receiver, via, ReceiverCases.Source(family));
    }

    private static string Mode(int version) => version == 1 ? "proxy-v1" : "proxy-v2";
}
