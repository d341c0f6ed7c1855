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
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Memory_TwoHundredThousandShortConnections_StaysFlat()
    {
        const int workers = 32, warmUp = 60_000, total = 200_000;
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            LoadConfiguration.RawService(listen, upstream.EndPoint), new ProxyOptions { LogFormat = "none" });
        int socketsBefore = proxy.Child.SocketCount;

        await RunShortConnectionsAsync(listen, workers, warmUp);
        long before = proxy.Child.ResidentBytes;
        await RunShortConnectionsAsync(listen, workers, total - warmUp);
        long after = proxy.Child.ResidentBytes;

        output.WriteLine($"resident after {warmUp} connections {before / MiB} MiB, after {total} {after / MiB} MiB");
        Assert.True(after - before < 12 * MiB, $"the process grew from {before / MiB} to {after / MiB} MiB");
        await Eventually.EqualsAsync(socketsBefore, () => proxy.Child.SocketCount, "sockets back to the base");
    }

    [Fact]
    public async Task Memory_HundredClientsThatStopReading_GrowsByLessThan30MB()
    {
        const int clients = 100;
        await using FloodUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(LoadConfiguration.RawService(listen, upstream.EndPoint));
        using (TestClient first = await TestClient.ConnectAsync(listen)) await first.ReceiveExactlyAsync(10_000_000);
        long before = proxy.Child.ResidentBytes;

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
        long after = proxy.Child.ResidentBytes;
        stuck.ForEach(c => c.Dispose());

        output.WriteLine($"resident {before / MiB} MiB, with {clients} stuck clients {after / MiB} MiB; upstreams had sent {seen / MiB} MiB");
        Assert.True(after - before < 30_000_000, $"the process grew from {before / MiB} to {after / MiB} MiB");
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
