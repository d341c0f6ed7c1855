using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Saea;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>The sockets of ended connections are used again, and only when no one can notice.</summary>
[Collection(SocketCollection.Name)]
public sealed class RecycledSocketsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ASocketWhoseConnectionEndedInOrderConnectsAnew(bool peerEndsFirst)
    {
        await using SaeaBed bed = new();
        for (int round = 0; round < 3; round++)
        {
            (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
            using (peer)
            {
                Assert.Equal(0, await bed.InLoopAsync(() => bed.Transport.Recycled.Count));
                await ExchangeAsync(bed, stream, peer, (byte)round);
                await EndAsync(bed, stream, peer, peerEndsFirst);
            }
            Assert.Equal(1, await bed.InLoopAsync(() => bed.Transport.Recycled.Count));
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task ThePeerSeesTheEndOfAStreamThatWasClosedWithoutAShutdown()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            peer.Shutdown(SocketShutdown.Send);
            await bed.WaitReadableAsync(stream);
            await bed.InLoopAsync(() =>
            {
                Assert.Equal(0, stream.Receive(new byte[1]).Bytes);
                Assert.Equal(3, stream.Send("end"u8, endFollows: true).Bytes);
                stream.Close(reset: false);
            });
            byte[] got = new byte[8];
            Assert.Equal(3, await peer.ReceiveAsync(got));
            Assert.Equal(0, await peer.ReceiveAsync(got));
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task AStreamThatIsResetOrGuardedOrWhosePeerHasNotEndedDoesNotRest()
    {
        await using SaeaBed bed = new();
        foreach (string why in new[] { "reset", "guarded", "peer continues" })
        {
            (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
            using (peer)
            {
                if (why != "peer continues")
                {
                    peer.Shutdown(SocketShutdown.Send);
                    await bed.WaitReadableAsync(stream);
                    await bed.InLoopAsync(() => stream.Receive(new byte[1]));
                }
                await bed.InLoopAsync(() =>
                {
                    if (why == "guarded") stream.EnableKeepAlive(KeepAliveOptions.Default);
                    stream.Close(reset: why == "reset");
                    Assert.Equal(0, bed.Transport.Recycled.Count);
                });
            }
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public void WithNoRoomTheOldestIsClosed()
    {
        RecycledSockets recycled = new(2);
        using Listening server = new();
        Socket[] sockets = [server.Ended(), server.Ended(), server.Ended()];
        foreach (Socket socket in sockets) recycled.Add(socket);
        Assert.Equal(2, recycled.Count);
        Assert.True(sockets[0].SafeHandle.IsClosed);
        Assert.Same(sockets[1], recycled.TryTake(AddressFamily.InterNetwork));
        Assert.Null(recycled.TryTake(AddressFamily.InterNetworkV6));
        recycled.Clear();
        Assert.True(sockets[2].SafeHandle.IsClosed);
        sockets[1].Dispose();
    }

    [Theory]
    [InlineData(9_900, 1, DescriptorLimit.RecycledPerLoopMax)]
    [InlineData(9_900, 64, 19)]
    [InlineData(440, 2, 27)]
    [InlineData(1, 4, 0)]
    public void RecycledPerLoop_IsASixteenthOfTheDescriptorsInAllAtMost(int sessionCapacity, int loops, int expected) =>
        Assert.Equal(expected, DescriptorLimit.RecycledPerLoop(sessionCapacity, loops));

    [Fact]
    public void WithoutRoomAtAllNothingIsKept()
    {
        RecycledSockets recycled = new(0);
        using Listening server = new();
        Socket socket = server.Ended();
        recycled.Add(socket);
        Assert.Equal(0, recycled.Count);
        Assert.True(socket.SafeHandle.IsClosed);
    }

    [Fact]
    public void ASocketWhoseEndIsNotAcknowledgedIsPassedOver()
    {
        RecycledSockets recycled = new(4);
        using Listening server = new();
        Socket unread = server.Connected(out Socket peer);
        // The peer's window closes: the rest of the bytes, and our end behind them, cannot be acknowledged.
        unread.Blocking = false;
        byte[] much = new byte[1 << 20];
        while (true)
        {
            unread.Send(much, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock) break;
        }
        unread.Shutdown(SocketShutdown.Send);
        Socket ended = server.Ended();
        recycled.Add(unread);
        recycled.Add(ended);
        Assert.Null(recycled.TryTake(AddressFamily.InterNetwork));
        Assert.Same(ended, recycled.TryTake(AddressFamily.InterNetwork));
        recycled.Clear();
        ended.Dispose();
        peer.Dispose();
    }

    private static async Task ExchangeAsync(SaeaBed bed, StreamSocket stream, Socket peer, byte value)
    {
        await bed.InLoopAsync(() => Assert.Equal(1, stream.Send([value], endFollows: false).Bytes));
        byte[] got = new byte[8];
        Assert.Equal(1, await peer.ReceiveAsync(got));
        Assert.Equal(value, got[0]);
        await peer.SendAsync(new[] { value });
        await bed.WaitReadableAsync(stream);
        await bed.InLoopAsync(() => Assert.Equal(1, stream.Receive(got).Bytes));
    }

    private static async Task EndAsync(SaeaBed bed, StreamSocket stream, Socket peer, bool peerEndsFirst)
    {
        if (peerEndsFirst)
        {
            peer.Shutdown(SocketShutdown.Send);
            await bed.WaitReadableAsync(stream);
            await bed.InLoopAsync(() =>
            {
                Assert.Equal(0, stream.Receive(new byte[1]).Bytes);
                stream.Close(reset: false);
            });
            Assert.Equal(0, await peer.ReceiveAsync(new byte[1]));
            return;
        }
        await bed.InLoopAsync(stream.ShutdownSend);
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]));
        peer.Shutdown(SocketShutdown.Send);
        await bed.WaitReadableAsync(stream);
        await bed.InLoopAsync(() =>
        {
            Assert.Equal(0, stream.Receive(new byte[1]).Bytes);
            stream.Close(reset: false);
        });
    }

    /// <summary>A server on loopback that makes pairs of connected sockets.</summary>
    private sealed class Listening : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public Listening()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(16);
        }

        public Socket Connected(out Socket peer)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(_listener.LocalEndPoint!);
            peer = _listener.Accept();
            return socket;
        }

        public Socket Ended()
        {
            Socket socket = Connected(out Socket peer);
            using (peer)
            {
                socket.Shutdown(SocketShutdown.Send);
                peer.Receive(new byte[1]);
                peer.Shutdown(SocketShutdown.Send);
                socket.Receive(new byte[1]);
            }
            return socket;
        }

        public void Dispose() => _listener.Dispose();
    }
}
