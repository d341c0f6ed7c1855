using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.TestBed;

/// <summary>
/// Checks the upstreams that the other tests rely on, without any proxy: an upstream that is silent by mistake would prove nothing.
/// Each test is on its own.
/// </summary>
public sealed class UpstreamsTests
{
    /// <summary>Long against a connect over loopback, which takes well under a millisecond, and short enough to be waited out.</summary>
    private static readonly TimeSpan LongConnect = TimeSpan.FromMilliseconds(700);

    [Fact]
    public async Task EchoUpstream_HalfClosedClient_GetsAllBack()
    {
        await using var upstream = new EchoUpstream();
        using (var client = await TestClient.ConnectAsync(upstream.EndPoint))
        {
            await client.SendAsync("hello");
            client.HalfClose();
            Assert.Equal("hello", await client.ReceiveToEndAsync());
        }
        Assert.Equal(1, upstream.AcceptedCount);
        await Eventually.EqualsAsync(0, () => upstream.OpenCount, "the connection is closed");
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1000 25\r\n", "first")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", "\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", "")]
    public async Task HeaderUpstream_HeaderByteByByte_IsKeptAndTheRestEchoed(string header, string payload)
    {
        await using var upstream = new HeaderUpstream();
        using var client = await TestClient.ConnectAsync(upstream.EndPoint);
        foreach (var character in header + payload)
            await client.SendAsync(character.ToString());
        client.HalfClose();

        Assert.Equal(payload, await client.ReceiveToEndAsync());
        var received = await upstream.NextHeaderAsync();
        Assert.Equal(header, Encoding.Latin1.GetString(received.Bytes));
        Assert.NotEmpty(received.FirstReceive);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("P\r\n")]
    [InlineData("\r\n\r\n\r\n")]
    public async Task HeaderUpstream_NoHeader_Resets(string text)
    {
        await using var upstream = new HeaderUpstream();
        using var client = await TestClient.ConnectAsync(upstream.EndPoint);
        await client.SendAsync(text);

        var error = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync());

        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task RefusingUpstream_Connect_IsRefused()
    {
        var upstream = new RefusingUpstream();

        var error = await Assert.ThrowsAsync<SocketException>(() => TestClient.ConnectAsync(upstream.EndPoint));

        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Theory]
    [InlineData(ResetMoment.OnAccept)]
    [InlineData(ResetMoment.OnFirstBytes)]
    public async Task ResettingUpstream_Client_IsReset(ResetMoment moment)
    {
        await using var upstream = new ResettingUpstream(moment);

        // On a busy machine the reset can be there before the connect has been seen to end: the connect then tells it.
        var error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using var client = await TestClient.ConnectAsync(upstream.EndPoint);
            if (moment == ResetMoment.OnFirstBytes)
                await client.SendAsync("x");
            await client.ReceiveAsync();
        });

        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task SilentUpstream_Connects_GetNoAnswer()
    {
        using var upstream = await SilentUpstream.StartAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => TestClient.ConnectAsync(upstream.EndPoint, within: LongConnect));
        // The first one's SYN must not have taken a place: the address stays silent for the client that comes next.
        await Assert.ThrowsAsync<TimeoutException>(() => TestClient.ConnectAsync(upstream.EndPoint, within: LongConnect));
    }

    [Fact]
    public async Task PacketDrop_Server_IsSilentWhileItLastsAndBackAfterwards()
    {
        RequiresPeer.PacketFilter();
        await using var upstream = new EchoUpstream();
        using (await PacketDrop.StartAsync(upstream.EndPoint.Port))
            await Assert.ThrowsAsync<TimeoutException>(() => TestClient.ConnectAsync(upstream.EndPoint, within: LongConnect));

        using var client = await TestClient.ConnectAsync(upstream.EndPoint);

        await client.SendAsync("back");
        Assert.Equal("back", Encoding.Latin1.GetString(await client.ReceiveExactlyAsync(4)));
    }
}
