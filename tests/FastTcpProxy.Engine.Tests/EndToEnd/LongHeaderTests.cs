using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>
/// A balancer's header whose TLVs nearly fill what a header can hold: passed on whole, with the checksum, or not at all. Each test owns its
/// engine.
/// </summary>
public sealed class LongHeaderTests
{
    private const TlvType Passed = (TlvType)0xEA;

    /// <summary>Of a header with IPv4 addresses: 65,535 less 12 for them, and less 7 for the checksum.</summary>
    private const int RoomBeside = ushort.MaxValue - 12, RoomBesideChecksum = RoomBeside - 7;

    [Theory]
    [InlineData(RoomBesideChecksum - 1, true, true)]
    [InlineData(RoomBesideChecksum, true, true)]
    [InlineData(RoomBeside, false, true)]
    [InlineData(RoomBeside - 1, false, false)]
    [InlineData(RoomBeside, false, false)]
    [InlineData(RoomBesideChecksum, true, false)]
    public async Task Tlvs_ThatFit_ArePassedOnWithTheChecksum(int length, bool withChecksum, bool namesClient)
    {
        await using HeaderUpstream upstream = new();
        await using EngineBed bed = Start(upstream, HeaderMode.ProxyV2, withChecksum);
        byte[] tlvs = Tlvs(length);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync(Header(tlvs, namesClient));

        byte[] got = (await upstream.NextHeaderAsync()).Bytes;

        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(got, out ProxyHeader header, out _));
        Assert.Equal(V2Length(length, withChecksum), header.Length);
        Assert.True(got.AsSpan(28, length).SequenceEqual(tlvs));
        Assert.Equal(withChecksum ? Crc32COutcome.Match : Crc32COutcome.Absent, ProxyHeaderDecoder.VerifyCrc32C(got));
        client.HalfClose();
        await client.ReceiveToEndAsync();
        await bed.NextRecordAsync();
    }

    /// <summary>A header that names no client leaves more room for TLVs than ours, which names one.</summary>
    [Theory]
    [InlineData(RoomBesideChecksum + 1, true, true)]
    [InlineData(RoomBeside, true, true)]
    [InlineData(RoomBesideChecksum + 1, true, false)]
    [InlineData(RoomBeside + 1, false, false)]
    [InlineData(ushort.MaxValue, false, false)]
    public async Task Tlvs_ThatDoNotFit_EndTheSessionWithItsReason(int length, bool withChecksum, bool namesClient)
    {
        await using HeaderUpstream upstream = new();
        await using EngineBed bed = Start(upstream, HeaderMode.ProxyV2, withChecksum);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync(Header(Tlvs(length), namesClient));

        Assert.Equal("client.header.headerTooLong", (await bed.NextRecordAsync()).Reason.ToString());

        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync())).SocketErrorCode);
        Assert.Equal(0, upstream.AcceptedCount);
    }

    /// <summary>Version 1 carries no TLVs: nothing is lost that was promised.</summary>
    [Fact]
    public async Task Tlvs_NoUpstreamGetsAny_AreNoHindrance()
    {
        await using HeaderUpstream upstream = new();
        await using EngineBed bed = Start(upstream, HeaderMode.ProxyV1, withChecksum: true);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync(Header(Tlvs(RoomBeside), namesClient: true));

        Assert.StartsWith("PROXY TCP4 192.0.2.7 ", System.Text.Encoding.ASCII.GetString((await upstream.NextHeaderAsync()).Bytes));
        client.HalfClose();
        await client.ReceiveToEndAsync();
        await bed.NextRecordAsync();
    }

    private static EngineBed Start(HeaderUpstream upstream, HeaderMode mode, bool withChecksum) =>
        EngineBed.Start(mode, [upstream.EndPoint], d => d with
    {
        AcceptProxy = new AcceptProxyDefinition
        {
            From = new NetworkSet([IPNetwork.Parse("127.0.0.0/8")]),
            Timeout = TimeSpan.FromSeconds(30),
            PassTlvs = [(byte)Passed],
            AddCrc32C = withChecksum,
        },
    });

    private static int V2Length(int tlvs, bool withChecksum) =>
        ProxyHeaderEncoder.V2IPv4Length + tlvs + (withChecksum ? ProxyHeaderEncoder.Crc32CTlvLength : 0);

    /// <summary>Two TLVs, since the value of one alone could not fill a header.</summary>
    private static byte[] Tlvs(int length)
    {
        byte[] room = new byte[length];
        TlvWriter writer = new(room);
        byte[] value = new byte[length - 2 * Tlv.HeaderLength - 1000];
        value.AsSpan().Fill((byte)'x');
        Assert.True(writer.TryAdd(Passed, new byte[1000]) && writer.TryAdd(Passed, value));
        Assert.Equal(length, writer.Length);
        return room;
    }

    private static byte[] Header(byte[] tlvs, bool namesClient)
    {
        InetEndPoint source = namesClient ? InetEndPoint.FromIPv4(0xC0000207, 4007) : default;
        byte[] room = new byte[ProxyHeaderEncoder.MaxV2Length];
        Assert.True(ProxyHeaderEncoder.TryWriteV2(room, source, namesClient ? InetEndPoint.FromIPv4(0xC6336401, 443) : default, tlvs,
            out int written));
        return room[..written];
    }
}
