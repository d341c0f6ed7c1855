using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>The streams over real sockets: each operation, each way to end, and operations in flight at the end.</summary>
[Collection(SocketCollection.Name)]
public sealed class SaeaStreamTests
{
    [Fact]
    public async Task Connect_SendReceiveHalfClose_BothWays()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            Assert.Equal(5, (await bed.InLoopAsync(() => stream.Send("hello"u8, endFollows: true))).Bytes);
            await bed.InLoopAsync(stream.ShutdownSend);
            Assert.Equal("hello", await ReadToEndAsync(peer));
            peer.Send("world"u8);
            peer.Shutdown(SocketShutdown.Send);
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(stream));
            Assert.Equal("world", await bed.InLoopAsync(() => Receive(stream, peek: true)));
            Assert.Equal("world", await bed.InLoopAsync(() => Receive(stream, peek: false)));
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(stream));
            Assert.Equal(IoResult.Of(0), await bed.InLoopAsync(() => stream.Receive(new byte[10])));
            await bed.InLoopAsync(() => stream.Close(reset: false));
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Receive_Nothing_WouldBlock()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            Assert.True((await bed.InLoopAsync(() => stream.Receive(new byte[10]))).WouldBlock);
            Assert.False(await bed.InLoopAsync(stream.IsReset));
            await bed.InLoopAsync(() => stream.Close(reset: true));
        }
        await bed.AssertDrainedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Close_Kind_IsWhatThePeerSees(bool reset)
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            await bed.InLoopAsync(() => stream.Close(reset));
            using CancellationTokenSource end = new(Deadline.Patient);
            if (reset)
            {
                SocketException e = await Assert.ThrowsAsync<SocketException>(async () => await peer.ReceiveAsync(new byte[1], end.Token));
                Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
            }
            else
            {
                Assert.Equal(0, await peer.ReceiveAsync(new byte[1], end.Token));
            }
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Peer_Resets_WaitEndsAndTheErrorIsTold()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        Assert.Equal(IoStatus.Pending, await bed.InLoopAsync(stream.WaitReadable));
        Reset(peer);
        // The wait tells it, or leaves it to the receive.
        SocketError error = await bed.Owner.NextAsync("readable");
        if (error == SocketError.Success) error = (await bed.InLoopAsync(() => stream.Receive(new byte[1]))).Error;
        Assert.Equal(SocketError.ConnectionReset, error);
        await bed.InLoopAsync(() => stream.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Peer_ResetsBehindUnreadBytes_IsReset()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        peer.Send("hello"u8);
        Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(stream));
        Assert.False(await bed.InLoopAsync(stream.IsReset));
        Reset(peer);
        await Eventually.HoldsAsync(() => bed.InLoopAsync(stream.IsReset), "the reset is seen");
        Assert.Equal("hello", await bed.InLoopAsync(() => Receive(stream, peek: false)));
        await bed.InLoopAsync(() => stream.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task IsReset_PeerHalfClosedWithBytes_IsFalse()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            peer.Send("hello"u8);
            peer.Shutdown(SocketShutdown.Send);
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(stream));
            Assert.False(await bed.InLoopAsync(stream.IsReset));
            await bed.InLoopAsync(() => stream.Close(reset: true));
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Close_WithAWaitInFlight_OwnerIsNotTold()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            IoStatus status = await bed.InLoopAsync(() =>
            {
                IoStatus wait = stream.WaitReadable();
                stream.Close(reset: false);
                return wait;
            });
            Assert.Equal(IoStatus.Pending, status);
            Assert.Equal("", await ReadToEndAsync(peer));
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task SendChunk_SlowPeer_IsSentWholeAndTheChunkComesBack()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            int filled = await bed.InLoopAsync(() => FillUp(bed, stream));
            await bed.InLoopAsync(() => SendChunk(bed, stream, 200_000));
            Assert.False(bed.Owner.HasNews);
            await bed.InLoopAsync(() => Assert.Equal(1, bed.Loop.Buffers.Rented));
            long received = 0;
            byte[] room = new byte[1 << 20];
            using CancellationTokenSource end = new(Deadline.Patient);
            while (received < filled + 200_000) received += await peer.ReceiveAsync(room, end.Token);
            Assert.Equal(SocketError.Success, await bed.Owner.NextAsync("sent"));
            Assert.Equal(filled + 200_000, received);
            await bed.InLoopAsync(() => stream.Close(reset: false));
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Close_WithASendInFlight_ChunkComesBackAndOwnerIsNotTold()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            await bed.InLoopAsync(() =>
            {
                FillUp(bed, stream);
                SendChunk(bed, stream, 200_000);
                Assert.Equal(IoStatus.Pending, stream.WaitReadable());
                stream.Close(reset: true);
            });
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public void SetKeepAlive_Options_AreSetOnTheSocket()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Native.SetKeepAlive((int)socket.SafeHandle.DangerousGetHandle(), new KeepAliveOptions(7, 3, 2, 5_000));
        Assert.Equal(1, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
        Assert.Equal(7, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
        Assert.Equal(3, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
        Assert.Equal(2, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);
        byte[] userTimeout = new byte[4];
        // It would take the place of the count of probes, and end a peer that answers and reads nothing.
        Assert.Equal(4, socket.GetRawSocketOption(6, 18, userTimeout));
        Assert.Equal(0, BitConverter.ToInt32(userTimeout));
        Native.SetUserTimeout((int)socket.SafeHandle.DangerousGetHandle(), 5_000);
        Assert.Equal(4, socket.GetRawSocketOption(6, 18, userTimeout));
        Assert.Equal(5_000, BitConverter.ToInt32(userTimeout));
    }

    [Fact]
    public void TryGetSendState_PeerThatReadsNothing_OwesNoAnswer()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 64 << 10 };
        sender.Connect(listener.LocalEndPoint!);
        using Socket reader = listener.Accept();
        int fd = (int)sender.SafeHandle.DangerousGetHandle();
        byte[] piece = new byte[16 << 10];
        long sent = 0;
        // Until the window is closed: nothing is in flight, and bytes wait.
        SpinWait.SpinUntil(
            () =>
            {
                IoResult result = Native.Send(fd, piece, more: false);
                if (result.IsSuccess) sent += result.Bytes;
                return !result.IsSuccess && Native.TryGetSendState(fd, out SendState now)
                    && now is { SegmentsInFlight: 0, UnansweredProbes: 0 };
            },
            TimeSpan.FromSeconds(30));
        Assert.True(Native.TryGetSendState(fd, out SendState state));
        Assert.False(state.OwesAnswer);
        // The kernel counts the first packet of the handshake as a byte.
        Assert.InRange(state.AckedBytes + Native.UnacknowledgedBytes(fd), sent, sent + 1);
    }

    [Fact]
    public void TryGetPathState_UnixSocket_CannotTell()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.False(Native.TryGetPathState((int)socket.SafeHandle.DangerousGetHandle(), out _));
    }

    [Fact]
    public void TryGetPathState_Connection_TellsItsRoundTripTime()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndPoint!);
        Assert.True(Native.TryGetPathState((int)socket.SafeHandle.DangerousGetHandle(), out PathState state));
        Assert.InRange(state.RoundTripUs, 1u, 1_000_000u);
    }

    [Fact]
    public void TryGetSendState_UnixSocket_CannotTell()
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.False(Native.TryGetSendState((int)socket.SafeHandle.DangerousGetHandle(), out _));
    }

    private static int FillUp(SaeaBed bed, StreamSocket stream)
    {
        Span<byte> bytes = bed.Loop.Buffers.ReceiveBuffer!.Span;
        int total = 0;
        while (stream.Send(bytes, endFollows: false) is { IsSuccess: true } sent) total += sent.Bytes;
        return total;
    }

    private static void SendChunk(SaeaBed bed, StreamSocket stream, int count)
    {
        BufferChunk chunk = bed.Loop.Buffers.TryRent(BufferClass.Large)!;
        Assert.Equal(IoStatus.Pending, stream.SendChunk(chunk, 0, count));
    }

    private static string Receive(StreamSocket stream, bool peek)
    {
        byte[] room = new byte[100];
        IoResult result = peek ? stream.Peek(room) : stream.Receive(room);
        Assert.Equal(SocketError.Success, result.Error);
        return Encoding.ASCII.GetString(room, 0, result.Bytes);
    }

    private static async Task<string> ReadToEndAsync(Socket peer)
    {
        StringBuilder text = new();
        byte[] room = new byte[4096];
        using CancellationTokenSource end = new(Deadline.Patient);
        while (await peer.ReceiveAsync(room, end.Token) is > 0 and int count) text.Append(Encoding.ASCII.GetString(room, 0, count));
        return text.ToString();
    }

    private static void Reset(Socket peer)
    {
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
    }
}
