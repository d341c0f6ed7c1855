using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>What the process holds: flat over time, bounded when clients stop reading.</summary>
[Collection(LoadCollection.Name)]
public sealed class MemoryTests(ITestOutputHelper output)
{
    /// <summary>Two thirds of the smallest object, which has 24 bytes: one that each connection leaves behind is found.</summary>
    private const int BytesPerConnectionMax = 16;

    [Fact]
    public async Task Memory_ShortConnections_LeaveNothingBehind()
    {
        const int workers = 32, warmUp = 10_000, counted = 50_000;
        using HeapProbe heap = new();
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            LoadConfiguration.RawService(listen, upstream.EndPoint),
            new ProxyOptions { LogFormat = "none", Environment = heap.Environment });
        int socketsBefore = proxy.Child.SocketCount;

        await RunShortConnectionsAsync(listen, workers, warmUp);
        await Eventually.EqualsAsync(socketsBefore, () => proxy.Child.SocketCount, "sockets back to the base");
        int descriptorsBefore = proxy.Child.DescriptorCount;
        long before = await heap.LiveBytesAsync();
        await RunShortConnectionsAsync(listen, workers, counted);
        await Eventually.EqualsAsync(socketsBefore, () => proxy.Child.SocketCount, "sockets back to the base");
        long after = await heap.LiveBytesAsync();

        output.WriteLine($"objects of {before} bytes before, {after} after {counted} connections; {descriptorsBefore} "
            + $"and {proxy.Child.DescriptorCount} descriptors");
        Assert.InRange(after - before, long.MinValue, BytesPerConnectionMax * counted);
        // Sockets that rest until the next connect are among them, fewer or more by as many as there are clients at once.
        Assert.InRange(proxy.Child.DescriptorCount, 0, descriptorsBefore + workers);
    }

    /// <summary>A session holds at most 256 KiB of buffers, which are in the heap, and 40 kB are more than all its objects.</summary>
    [Fact]
    public async Task Memory_HundredClientsThatStopReading_HoldOneBufferEach()
    {
        const int clients = 100;
        using HeapProbe heap = new();
        await using FloodUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(LoadConfiguration.RawService(listen, upstream.EndPoint),
            new ProxyOptions { Environment = heap.Environment });
        using (TestClient first = await TestClient.ConnectAsync(listen)) await first.ReceiveExactlyAsync(10_000_000);
        long before = await heap.LiveBytesAsync();

        List<TestClient> stuck = [];
        for (int i = 0; i < clients; i++) stuck.Add(await TestClient.ConnectAsync(listen));
        await Eventually.EqualsAsync(clients, () => upstream.OpenCount, "every client has its upstream");
        // Stuck: nothing more is taken from the upstreams for a while.
        long seen = -1;
        int quiet = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                long now = upstream.SentBytes;
                quiet = now == seen ? quiet + 1 : 0;
                seen = now;
                return quiet >= 100;
            },
            "the upstreams can send no more");
        long after = await heap.LiveBytesAsync();
        stuck.ForEach(c => c.Dispose());

        output.WriteLine($"objects of {before} bytes before, {after} with {clients} stuck clients; upstreams had sent {seen} bytes");
        Assert.InRange(after - before, 0, clients * ((256 << 10) + 40_000));
    }

    private static Task RunShortConnectionsAsync(IPEndPoint listen, int workers, int count) =>
        Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            byte[] message = new byte[100];
            for (int i = 0; i < count / workers; i++)
            {
                using TestClient client = await TestClient.ConnectAsync(listen);
                await client.SendAsync(message);
                client.HalfClose();
                await client.ReceiveExactlyAsync(message.Length);
                Assert.Empty(await client.ReceiveAsync());
            }
        }));

    /// <summary>Writes without end. Any thread; its base owns the sockets.</summary>
    private sealed class FloodUpstream() : TcpUpstream(null)
    {
        private long _sent;

        public long SentBytes => Volatile.Read(ref _sent);

        protected override async Task ServeAsync(Socket connection, CancellationToken stop)
        {
            byte[] block = new byte[256 << 10];
            while (true) Interlocked.Add(ref _sent, await connection.SendAsync(block.AsMemory(), stop));
        }
    }
}
