using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>The pipe of a loop and splicing, on real sockets.</summary>
[Collection(SocketCollection.Name)]
public sealed class KernelPipeTests
{
    private const int MoveBytes = 256 << 10;

    private readonly LoopMetrics _metrics = MetricsRegistry.Small().Loops[0];

    [Fact]
    public void Pipe_MadeAndDisposed_TakesTwoDescriptorsAndGivesThemBack()
    {
        int before = DescriptorLimit.CountOpen();
        KernelPipe pipe = new(_metrics);
        Assert.Equal(before + 2, DescriptorLimit.CountOpen());
        Assert.True(pipe.IsUsable);
        Assert.InRange(pipe.Size, KernelPipe.SizeMin, KernelPipe.SizeWanted);
        pipe.Dispose();
        pipe.Dispose();
        Assert.Equal(before, DescriptorLimit.CountOpen());
        Assert.False(pipe.IsUsable);
    }

    /// <summary>A user with too many pipes gets small ones (pipe-user-pages-soft).</summary>
    [Theory]
    [InlineData(KernelPipe.SizeMin, true)]
    [InlineData(KernelPipe.SizeMin / 2, false)]
    [InlineData(4096, false)]
    public void Pipe_KernelGivesLittleRoom_IsUsedFromTheLimitOn(int size, bool usable)
    {
        int before = DescriptorLimit.CountOpen();
        using KernelPipe pipe = new(_metrics, size);
        Assert.Equal(usable, pipe.IsUsable);
        Assert.Equal(before + (usable ? 2 : 0), DescriptorLimit.CountOpen());
    }

    [Fact]
    public async Task Splice_FromOneSocketToAnother_BytesArriveInOrder()
    {
        await using SaeaBed bed = new();
        (StreamSocket source, Socket sender) = await bed.ConnectAsync();
        (StreamSocket target, Socket receiver) = await bed.ConnectAsync();
        using (sender)
        using (receiver)
        {
            sender.Send("hello"u8);
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(source));
            StreamPipe pipe = await bed.InLoopAsync(bed.Transport.Pipes.Take);
            Assert.Equal(IoResult.Of(5), await bed.InLoopAsync(() => source.SpliceTo(pipe, MoveBytes)));
            Assert.Equal(5, pipe.Bytes);
            Assert.Equal(IoResult.Of(5), await bed.InLoopAsync(() => target.SpliceFrom(pipe)));
            Assert.Equal((0, 5), (pipe.Bytes, bed.Loop.Metrics.Counts.BytesSpliced));
            byte[] room = new byte[10];
            Assert.Equal("hello", Encoding.ASCII.GetString(room, 0, receiver.Receive(room)));
            Assert.True((await bed.InLoopAsync(() => source.SpliceTo(pipe, MoveBytes))).WouldBlock);
            sender.Shutdown(SocketShutdown.Send);
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(source));
            Assert.Equal(IoResult.Of(0), await bed.InLoopAsync(() => source.SpliceTo(pipe, MoveBytes)));
            await CloseAsync(bed, pipe, source, target);
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task SpliceTo_PeerResets_TellsTheErrorOnce()
    {
        await using SaeaBed bed = new();
        (StreamSocket source, Socket sender) = await bed.ConnectAsync();
        sender.LingerState = new LingerOption(true, 0);
        sender.Dispose();
        await Eventually.HoldsAsync(() => bed.InLoopAsync(source.IsReset), "the reset has come");
        StreamPipe pipe = await bed.InLoopAsync(bed.Transport.Pipes.Take);
        Assert.Equal(SocketError.ConnectionReset, (await bed.InLoopAsync(() => source.SpliceTo(pipe, 1000))).Error);
        bed.Transport.Pipes.Return(pipe);
        await bed.InLoopAsync(() => source.Close(reset: true));
        await bed.AssertDrainedAsync();
    }

    /// <summary>
    /// The kernel raises SIGPIPE at a splice to a socket that is gone, which the runtime ignores; else the process would end here.
    /// </summary>
    [Fact]
    public async Task SpliceFrom_TargetIsGone_FailsAndTheRestCanBeTakenOut()
    {
        await using SaeaBed bed = new();
        (StreamSocket source, Socket sender) = await bed.ConnectAsync();
        (StreamSocket target, Socket receiver) = await bed.ConnectAsync();
        using (sender)
        {
            receiver.LingerState = new LingerOption(true, 0);
            receiver.Dispose();
            await Eventually.HoldsAsync(() => bed.InLoopAsync(target.IsReset), "the reset has come");
            StreamPipe pipe = await bed.InLoopAsync(bed.Transport.Pipes.Take);
            sender.Send("hello"u8);
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(source));
            Assert.Equal(5, (await bed.InLoopAsync(() => source.SpliceTo(pipe, 1000))).Bytes);
            Assert.Equal(SocketError.ConnectionReset, (await bed.InLoopAsync(() => target.SpliceFrom(pipe))).Error);
            Assert.Equal(SocketError.Shutdown, (await bed.InLoopAsync(() => target.SpliceFrom(pipe))).Error);
            byte[] room = new byte[10];
            Assert.Equal(5, await bed.InLoopAsync(() => pipe.Read(room)));
            Assert.Equal(("hello", 0, 0L), (Encoding.ASCII.GetString(room, 0, 5), pipe.Bytes, bed.Loop.Metrics.Counts.BytesSpliced));
            await CloseAsync(bed, pipe, source, target);
        }
        await bed.AssertDrainedAsync();
    }

    /// <summary>
    /// An accepted socket that the runtime has had no operation of still blocks, and splice(2) waits on it in spite of its own flag.
    /// </summary>
    [Fact]
    public async Task Splice_SocketThatStillBlocks_DoesNotWait()
    {
        await using SaeaBed bed = new();
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(2);
        (StreamSocket silent, Socket silentPeer) = Accept(bed, listener);
        (StreamSocket full, Socket fullPeer) = Accept(bed, listener);
        using (silentPeer)
        using (fullPeer)
        {
            StreamPipe pipe = await bed.InLoopAsync(bed.Transport.Pipes.Take);
            Assert.True((await bed.InLoopAsync(() => silent.SpliceTo(pipe, MoveBytes))).WouldBlock);
            Assert.Equal(0, pipe.Bytes);
            byte[] block = new byte[MoveBytes];
            IoResult sent = default;
            // Once more when what had been sent was delivered meanwhile, and the socket was full no longer.
            await Eventually.HoldsAsync(FillAndSplice, "the socket takes no more");
            async Task<bool> FillAndSplice()
            {
                while ((await bed.InLoopAsync(() => full.Send(block, endFollows: false))).IsSuccess)
                {
                }
                silentPeer.Send(block.AsSpan(0, 1000));
                Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(silent));
                Assert.Equal(1000, (await bed.InLoopAsync(() => silent.SpliceTo(pipe, MoveBytes))).Bytes);
                sent = await bed.InLoopAsync(() => full.SpliceFrom(pipe));
                return pipe.Bytes > 0;
            }
            Assert.True(sent.WouldBlock || sent.Bytes < 1000, $"{sent}");
            await bed.InLoopAsync(() => _ = pipe.Read(block));
            await CloseAsync(bed, pipe, silent, full);
        }
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Splice_KindThatTheKernelRefuses_IsToldApartAndThePipeIsNotUsedAgain()
    {
        await using SaeaBed bed = new();
        int counter = eventfd(0, 0);
        Assert.True(counter >= 0);
        KernelPipe pipe = (KernelPipe)await bed.InLoopAsync(bed.Transport.Pipes.Take);
        Assert.Equal(SocketError.OperationNotSupported, (await bed.InLoopAsync(() => pipe.FillFrom(counter, 1000))).Error);
        Assert.Equal((false, 0), (pipe.IsUsable, pipe.Bytes));
        await bed.InLoopAsync(() => bed.Transport.Pipes.Return(pipe));
        Assert.False(bed.Transport.Pipes.IsUsable);
        Assert.Equal(0, close(counter));
    }

    private static (StreamSocket Stream, Socket Peer) Accept(SaeaBed bed, Socket listener)
    {
        Socket peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);
        StreamSocket stream = bed.Transport.Take(listener.Accept());
        stream.Adopt(bed.Owner);
        return (stream, peer);
    }

    private static Task CloseAsync(SaeaBed bed, StreamPipe pipe, params StreamSocket[] streams) => bed.InLoopAsync(() =>
    {
        bed.Transport.Pipes.Return(pipe);
        Array.ForEach(streams, s => s.Close(reset: true));
    });

    [DllImport("libc")]
    private static extern int eventfd(uint initial, int flags);

    [DllImport("libc")]
    private static extern int close(int fd);
}
