using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>
/// Bulk through the engine on real sockets: that it is spliced, that every byte arrives whatever happens in the middle, and that nothing is
/// left over.
/// </summary>
[Collection(SocketCollection.Name)]
public sealed class SpliceTests
{
    private const int Block = 256 << 10;
    private const long Bulk = 100_000_000;

    /// <summary>
    /// A session copies its first bytes, and those around which its target was slow; most of so many must have gone through the pipe.
    /// </summary>
    private const long SplicedMin = Bulk / 4;

    [Theory]
    [InlineData(HeaderMode.Raw)]
    [InlineData(HeaderMode.ProxyV2)]
    public async Task Bulk_BothWaysAtOnce_IsSplicedAndHashesAreEqual(HeaderMode mode)
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(mode, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        using Socket upstream = await AcceptAsync(listener);
        if (mode == HeaderMode.ProxyV2) await Run(() => ReadExactly(upstream, ProxyProtocol.ProxyHeaderEncoder.V2IPv4Length));
        Task<string> down = Run(() => SendAndEnd(upstream, 1, Bulk));
        Task<string> up = Run(() => SendAndEnd(client.Socket, 2, Bulk));
        Task<(long, string)> atClient = Run(() => ReceiveToEnd(client.Socket));
        Task<(long, string)> atUpstream = Run(() => ReceiveToEnd(upstream));
        Assert.Equal((Bulk, await down), await atClient);
        Assert.Equal((Bulk, await up), await atUpstream);
        SessionRecord record = await bed.NextRecordAsync();
        Assert.Equal((Bulk, Bulk), (record.BytesFromClient, record.BytesFromUpstream));
        Assert.EndsWith("relay.ended", record.Reason.ToString());
        Assert.InRange(Spliced(bed), SplicedMin, 2 * Bulk);
    }

    [Fact]
    public async Task Bulk_UnixUpstream_IsSplicedAndHashesAreEqual()
    {
        using TempFolder folder = new("splice");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder["up"]));
        listener.Listen(4);
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        using Socket upstream = await AcceptAsync(listener);
        Task<string> down = Run(() => SendAndEnd(upstream, 1, Bulk));
        Task<string> up = Run(() => SendAndEnd(client.Socket, 2, Bulk));
        Task<(long, string)> atClient = Run(() => ReceiveToEnd(client.Socket));
        Task<(long, string)> atUpstream = Run(() => ReceiveToEnd(upstream));
        Assert.Equal((Bulk, await down), await atClient);
        Assert.Equal((Bulk, await up), await atUpstream);
        Assert.True(Spliced(bed) > 0);
    }

    [Fact]
    public async Task Bulk_HalfCloseThenAnAnswer_BothArriveWhole()
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        using Socket upstream = await AcceptAsync(listener);
        Task<string> up = Run(() => SendAndEnd(client.Socket, 3, Bulk / 2));
        (long Bytes, string Hash) atUpstream = await Run(() => ReceiveToEnd(upstream));
        Assert.Equal((Bulk / 2, await up), atUpstream);
        Task<string> down = Run(() => SendAndEnd(upstream, 4, Bulk / 2));
        (long Bytes, string Hash) answer = await Run(() => ReceiveToEnd(client.Socket));
        Assert.Equal((Bulk / 2, await down), answer);
        Assert.Equal("client.relay.ended", (await bed.NextRecordAsync()).Reason.ToString());
        Assert.True(Spliced(bed) > 0);
    }

    /// <summary>
    /// The reader stops in the middle of a stream that is spliced: what the proxy holds is one buffer and no pipe, and reading is all it
    /// takes to continue.
    /// </summary>
    [Fact]
    public async Task Bulk_ReaderStopsInTheMiddle_HoldsOneBufferAndLosesNothing()
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        using Socket upstream = await AcceptAsync(listener);
        long sent = 0;
        Task<string> down = Run(() => SendAndEnd(upstream, 5, Bulk, count => Volatile.Write(ref sent, count)));
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long received = await Run(() => TakeAtLeast(client.Socket, Bulk / 4, hash));
        Assert.True(Spliced(bed) > 0);
        await AssertSettlesAsync(() => Volatile.Read(ref sent));
        int pipes = CountPipes();
        // Another session on the same loops has the pipe to itself.
        using (TestClient other = await bed.ConnectAsync())
        using (Socket otherUpstream = await AcceptAsync(listener))
        {
            long before = Spliced(bed);
            Task<string> up = Run(() => SendAndEnd(other.Socket, 6, Bulk / 4));
            (long Bytes, string Hash) atOther = await Run(() => ReceiveToEnd(otherUpstream));
            Assert.Equal((Bulk / 4, await up), atOther);
            Assert.True(Spliced(bed) > before);
        }
        Assert.Equal(pipes, CountPipes());
        received += await Run(() => TakeAtLeast(client.Socket, Bulk - received, hash));
        Assert.Equal((Bulk, await down), (received, Convert.ToHexString(hash.GetHashAndReset())));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bulk_OneSideResetsInTheMiddle_TheOtherIsResetAndThePipeIsClean(bool clientResets)
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        for (int round = 0; round < 10; round++)
        {
            using TestClient client = await bed.ConnectAsync();
            using Socket upstream = await AcceptAsync(listener);
            Task<string> down = Run(() => SendAndEnd(upstream, 7, long.MaxValue));
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await Run(() => TakeAtLeast(client.Socket, 5_000_000, hash));
            if (clientResets)
            {
                client.Reset();
            }
            else
            {
                upstream.LingerState = new LingerOption(true, 0);
                upstream.Close();
            }
            await Assert.ThrowsAnyAsync<Exception>(() => down);
            if (!clientResets) await Assert.ThrowsAsync<SocketException>(() => Run(() => ReceiveToEnd(client.Socket)));
            Assert.Equal(clientResets ? "client.relay.reset" : "upstream.relay.reset", (await bed.NextRecordAsync()).Reason.ToString());
        }
        Assert.True(Spliced(bed) > 0);
        using TestClient last = await bed.ConnectAsync();
        using Socket lastUpstream = await AcceptAsync(listener);
        Task<string> up = Run(() => SendAndEnd(last.Socket, 8, Bulk / 4));
        (long Bytes, string Hash) received = await Run(() => ReceiveToEnd(lastUpstream));
        Assert.Equal((Bulk / 4, await up), received);
    }

    [Fact]
    public async Task SmallMessages_HoweverMany_AreNotSpliced()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using TestClient client = await bed.ConnectAsync();
        await Run(() =>
        {
            byte[] message = new byte[4000];
            for (int i = 0; i < 1_000; i++)
            {
                client.Socket.Send(message);
                ReadExactly(client.Socket, message.Length);
            }
            return true;
        });
        Assert.Equal(0, Spliced(bed));
    }

    /// <summary>Pipes are there before descriptors are counted, so they take none from clients.</summary>
    [Fact]
    public async Task Start_Pipes_AreInsideTheCapacity()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        int pipes = CountPipes();
        // Sockets that rest come out of the capacity as well.
        int open = DescriptorLimit.CountOpen() + DescriptorLimit.ReservedDefault
            + DescriptorLimit.RecycledPerLoopMax * bed.Engine.Options.Threads;
        long limit = bed.Engine.Descriptors.Limit;
        Assert.InRange(bed.Engine.Descriptors.SessionCapacity, DescriptorLimit.SessionCapacity(limit, open),
            DescriptorLimit.SessionCapacity(limit, open - 4));
        Task<string> bulk;
        using (TestClient client = await bed.ConnectAsync())
        {
            bulk = Run(() => SendAndEnd(client.Socket, 9, Bulk / 4));
            Assert.Equal(Bulk / 4, (await Run(() => ReceiveToEnd(client.Socket))).Bytes);
            await bulk;
        }
        Assert.True(Spliced(bed) > 0);
        Assert.Equal(pipes, CountPipes());
    }

    /// <summary>The ends of pipes that this process has open, the runtime's own among them.</summary>
    private static int CountPipes() =>
        Directory.GetFileSystemEntries("/proc/self/fd")
        .Count(fd => new FileInfo(fd).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true);

    private static long Spliced(EngineBed bed) => bed.Engine.Metrics.ReadLoops().BytesSpliced;

    /// <summary>
    /// On a thread of its own: these calls block, and a test continues after an await on the socket thread, which would then wait for
    /// itself.
    /// </summary>
    private static Task<T> Run<T>(Func<T> function) =>
        Task.Factory.StartNew(function, CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default).WaitAsync(Deadline.Patient);

    /// <summary>Sends blocks that all differ, then the end. Returns their hash.</summary>
    private static string SendAndEnd(Socket socket, int seed, long length) => SendAndEnd(socket, seed, length, _ => { });

    private static string SendAndEnd(Socket socket, int seed, long length, Action<long> progress)
    {
        byte[] block = new byte[Block];
        new Random(seed).NextBytes(block);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long sent = 0; sent < length;)
        {
            BitConverter.TryWriteBytes(block, sent);
            int count = (int)Math.Min(Block, length - sent);
            hash.AppendData(block, 0, count);
            for (int part = 0; part < count;) part += socket.Send(block.AsSpan(part, count - part));
            sent += count;
            progress(sent);
        }
        socket.Shutdown(SocketShutdown.Send);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static (long Bytes, string Hash) ReceiveToEnd(Socket socket)
    {
        byte[] room = new byte[Block];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        for (int count; (count = Take(socket, room, hash)) > 0;) bytes += count;
        return (bytes, Convert.ToHexString(hash.GetHashAndReset()));
    }

    private static long TakeAtLeast(Socket socket, long bytes, IncrementalHash hash)
    {
        byte[] room = new byte[Block];
        long taken = 0;
        while (taken < bytes) taken += Take(socket, room, hash);
        return taken;
    }

    private static int Take(Socket socket, byte[] room, IncrementalHash hash)
    {
        int count = socket.Receive(room);
        hash.AppendData(room, 0, count);
        return count;
    }

    private static int ReadExactly(Socket socket, int count)
    {
        byte[] room = new byte[count];
        int have = 0;
        while (have < count) have += socket.Receive(room.AsSpan(have));
        return have;
    }

    /// <summary>Waits until the number has stayed the same for a while.</summary>
    private static async Task AssertSettlesAsync(Func<long> number)
    {
        long seen = -1;
        int quiet = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                long now = number();
                quiet = now == seen ? quiet + 1 : 0;
                seen = now;
                return quiet >= 30;
            },
            "the sender can send no more");
    }

    private static Socket Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(16);
        return listener;
    }

    private static async Task<Socket> AcceptAsync(Socket listener)
    {
        using CancellationTokenSource end = new(Deadline.Patient);
        return await listener.AcceptAsync(end.Token);
    }
}
