using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>Connects over real sockets: each way to fail, sources, UNIX paths, and one that is given up.</summary>
[Collection(SocketCollection.Name)]
public sealed class SaeaConnectTests
{
    [Fact]
    public async Task Connect_NothingListens_IsRefused()
    {
        await using SaeaBed bed = new();
        (IoStatus status, SocketError error) = await ConnectAsync(bed, new UpstreamAddress(FreePort.Loopback()), default);
        if (status == IoStatus.Pending) error = await bed.Owner.NextAsync("connected");
        Assert.Equal(AttemptOutcome.Refused, FailureTable.OfConnect(error, isUnix: false).Outcome);
        await bed.InLoopAsync(() => _last!.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Close_WithAConnectInFlight_OwnerIsNotTold()
    {
        await using SaeaBed bed = new();
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        (IoStatus status, _) = await ConnectAsync(bed, new UpstreamAddress(silent.EndPoint), default);
        Assert.Equal(IoStatus.Pending, status);
        await bed.InLoopAsync(() => _last!.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Connect_FromASource_ThePeerSeesIt()
    {
        await using SaeaBed bed = new();
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        (IoStatus status, _) = await ConnectAsync(bed, new UpstreamAddress((IPEndPoint)listener.LocalEndPoint!),
            InetEndPoint.FromIPv4(0x7F000005, 0));
        if (status == IoStatus.Pending) Assert.Equal(SocketError.Success, await bed.Owner.NextAsync("connected"));
        using Socket peer = await listener.AcceptAsync();
        Assert.Equal("127.0.0.5", ((IPEndPoint)peer.RemoteEndPoint!).Address.ToString());
        Assert.Equal(InetEndPoint.FromIPEndPoint((IPEndPoint)peer.RemoteEndPoint!), await bed.InLoopAsync(_last!.GetLocalEndPoint));
        await bed.InLoopAsync(() => _last!.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Connect_FromASourceThatIsNotOurs_NoLocalPort()
    {
        await using SaeaBed bed = new();
        (IoStatus status, SocketError error) = await ConnectAsync(bed, bed.Address, InetEndPoint.FromIPv4(0xCB007107, 0));
        Assert.Equal((IoStatus.Failed, AttemptOutcome.NoLocalPort), (status, FailureTable.OfConnect(error, isUnix: false).Outcome));
        await bed.InLoopAsync(() => _last!.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Connect_UnixPath_ConnectsAndAMissingOneIsRefused()
    {
        await using SaeaBed bed = new();
        using TempFolder folder = new("saea");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder["s"]));
        listener.Listen(1);
        (IoStatus status, _) = await ConnectAsync(bed, new UpstreamAddress(folder["s"]), default);
        if (status == IoStatus.Pending) Assert.Equal(SocketError.Success, await bed.Owner.NextAsync("connected"));
        Assert.Equal(default, await bed.InLoopAsync(_last!.GetLocalEndPoint));
        await bed.InLoopAsync(() => _last!.Close(reset: true));
        (status, SocketError error) = await ConnectAsync(bed, new UpstreamAddress(folder["missing"]), default);
        if (status == IoStatus.Pending) error = await bed.Owner.NextAsync("connected");
        Assert.Equal(AttemptOutcome.Refused, FailureTable.OfConnect(error, isUnix: false).Outcome);
        await bed.InLoopAsync(() => _last!.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    private StreamSocket? _last;

    private async Task<(IoStatus Status, SocketError Error)> ConnectAsync(SaeaBed bed, UpstreamAddress address, InetEndPoint source) =>
        await bed.InLoopAsync(() =>
    {
        _last = bed.Transport.Rent();
        IoStatus status = _last.Connect(bed.Owner, address, source, HandshakeEnd.AtOnce);
        return (status, _last.LastError);
    });
}
