using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// Sides that break, from outside: each becomes a reset of the other, and what was sent in order before is not lost by it.
/// Each test plays client and upstream itself; one proxy serves them all, so that each session is known by its client.
/// </summary>
public sealed class ResetTests(RelayProxy proxy) : IClassFixture<RelayProxy>
{
    [Fact]
    public async Task Client_Resets_UpstreamIsReset()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        proxied.Client.Reset();

        await Ends.AssertResetAsync(proxied.Upstream);
        Assert.Equal("client.relay.reset", (await proxied.SessionAsync()).Reason());
    }

    [Fact]
    public async Task Upstream_Resets_ClientIsReset()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        // A reset that comes before the proxy has seen its connect succeed is a refusal.
        await proxied.Upstream.SendAsync("x");
        await proxied.Client.ReceiveExactlyAsync(1);
        proxied.Upstream.Reset();

        await Ends.AssertResetAsync(proxied.Client);
        Assert.Equal("upstream.relay.reset", (await proxied.SessionAsync()).Reason());
    }

    [Fact]
    public async Task Client_ResetsAfterItsHalfClose_UpstreamIsReset()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        await proxied.Client.SendAsync("request");
        proxied.Client.HalfClose();
        Assert.Equal("request", await proxied.Upstream.ReceiveToEndAsync());
        proxied.Client.Reset();
        // The proxy waits for no byte of the client any more: it learns of the reset when it sends.
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            Deadline deadline = Deadline.After(TimeSpan.FromSeconds(5));
            while (!deadline.HasPassed)
            {
                await proxied.Upstream.SendAsync(new byte[1024]);
                await Task.Yield();
            }
        });
        Assert.Equal("client.relay.reset", (await proxied.SessionAsync()).Reason());
    }

    [Fact]
    public async Task Client_GoesOnSendingToAnUpstreamThatHasClosed_GetsTheWholeTail()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        byte[] tail = Pattern(1000);
        await proxied.Upstream.SendAsync(tail);
        proxied.Upstream.Dispose();
        await SendIntoTheVoidAsync(proxied.Client);

        Assert.Equal(tail, await proxied.Client.ReceiveExactlyAsync(tail.Length));
        Assert.Equal("upstream.relay.reset", (await proxied.SessionAsync()).Reason());
    }

    [Fact]
    public async Task Upstream_GoesOnSendingToAClientThatHasClosed_GetsTheWholeTail()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        byte[] tail = Pattern(1000);
        await proxied.Client.SendAsync(tail);
        proxied.Client.Dispose();
        await SendIntoTheVoidAsync(proxied.Upstream);

        Assert.Equal(tail, await proxied.Upstream.ReceiveExactlyAsync(tail.Length));
        Assert.Equal("client.relay.reset", (await proxied.SessionAsync()).Reason());
    }

    [Fact]
    public async Task Client_ResetsWhileItsUpstreamReadsNothing_IsNoticed()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        await FillAsync(proxied.Client);
        proxied.Client.Reset();

        JsonElement session = await proxied.SessionAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("client.relay.reset", session.Reason());
    }

    [Fact]
    public async Task Upstream_ResetsWhileItsClientReadsNothing_IsNoticed()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        await FillAsync(proxied.Upstream);
        proxied.Upstream.Reset();

        JsonElement session = await proxied.SessionAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("upstream.relay.reset", session.Reason());
    }

    private static async Task SendIntoTheVoidAsync(TestClient sender)
    {
        int sent = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                sender.Socket.Send("more"u8, SocketFlags.None, out SocketError error);
                return error != SocketError.Success || ++sent == 20;
            },
            "the sender has learnt it, or has sent enough");
    }

    private static async Task FillAsync(TestClient sender)
    {
        byte[] block = new byte[1 << 20];
        sender.Socket.Blocking = false;
        int refusedInARow = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                sender.Socket.Send(block, SocketFlags.None, out SocketError error);
                refusedInARow = error == SocketError.Success ? 0 : refusedInARow + 1;
                return refusedInARow == 20;
            },
            "all buffers on the way are full");
    }

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
