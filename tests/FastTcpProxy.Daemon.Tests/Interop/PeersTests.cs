using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;

namespace FastTcpProxy.Daemon.Tests.Interop;

/// <summary>
/// Checks the peers themselves, with HAProxy in the place of our proxy: when these pass and the ones through our proxy fail, it is our
/// proxy. One test at a time; the class's fixture owns the receivers.
/// </summary>
public sealed class PeersTests(Receivers receivers) : IClassFixture<Receivers>
{
    [Theory]
    [MemberData(nameof(ReceiverCases.All), MemberType = typeof(ReceiverCases))]
    public async Task Peers_HAProxyAsSender_ReceiverNamesTheClient(ReceiverKind kind, int version, int family)
    {
        RequiresPeer.HAProxy();
        var receiver = await receivers.GetAsync(kind);
        var listen = ReceiverCases.Listen(family);
        using var sender = await HAProxySender.StartAsync(receiver.EndPoint, version == 1 ? "send-proxy" : "send-proxy-v2", listen);

        await ReceiverCases.AssertNamesClientAsync(receiver, listen, ReceiverCases.Source(family));
    }

    [Fact]
    public async Task Peers_HAProxyAsSenderOfTlvs_HAProxyNamesThem()
    {
        RequiresPeer.HAProxy();
        var receiver = await receivers.GetAsync(ReceiverKind.HAProxy);
        var listen = FreePort.Loopback();
        var source = ReceiverCases.Source(4);
        using var sender = await HAProxySender.StartAsync(
            receiver.EndPoint, "send-proxy-v2 proxy-v2-options unique-id,crc32c", listen);

        var report = await ReceiverCases.AssertNamesClientAsync(receiver, listen, source);

        Assert.Contains($"unique-id={HAProxySender.UniqueIdPrefix}{source.Port} ", report.Text);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Peers_NginxStreamAsSender_ReceiverNamesTheClient(int family)
    {
        RequiresPeer.NginxStream();
        var receiver = await receivers.GetAsync(ReceiverKind.Nginx);
        var listen = ReceiverCases.Listen(family);
        using var sender = await NginxStreamSender.StartAsync(receiver.EndPoint, listen);

        await ReceiverCases.AssertNamesClientAsync(receiver, listen, ReceiverCases.Source(family));
    }

    /// <summary>A receiver that took a connection without a header would let every test above pass by the wrong way.</summary>
    [Theory]
    [InlineData(ReceiverKind.HAProxy)]
    [InlineData(ReceiverKind.Nginx)]
    [InlineData(ReceiverKind.Apache)]
    public async Task Peers_NoHeader_ReceiverRefuses(ReceiverKind kind)
    {
        var receiver = await receivers.GetAsync(kind);

        var outcome = await Record.ExceptionAsync(() => receiver.AskAsync(receiver.EndPoint, ReceiverCases.Source(4)));

        Assert.True(outcome is InvalidDataException or System.Net.Sockets.SocketException,
            $"it answered a client without a header: {outcome}");
    }
}
