using System.Buffers.Binary;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using System.Net;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>
/// Many sessions at once, and much through each: every byte arrives, in both directions at once, and nothing is left over.
/// </summary>
[Collection(LoadCollection.Name)]
public sealed class ThroughputTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(2_000, 64 << 10)]
    [InlineData(4, 100_000_000)]
    public async Task Sessions_BothDirectionsAtOnce_HashesAreEqual(int sessions, long length)
    {
        // FASTTCPPROXY_TEST_BYTES raises the length for a run by hand, as 100000000 with 2,000 sessions.
        if (sessions > 100 && Environment.GetEnvironmentVariable("FASTTCPPROXY_TEST_BYTES") is { } text) length = long.Parse(text);
        await using ExchangeUpstream upstream = new(length);
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(LoadConfiguration.RawService(listen, upstream.EndPoint));
        int socketsBefore = proxy.Child.SocketCount;
        long start = System.Diagnostics.Stopwatch.GetTimestamp();

        using CancellationTokenSource end = new(TimeSpan.FromSeconds(60 + sessions * length / 50_000_000.0));
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int connected = 0;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(async client =>
        {
            using TestClient connection = await TestClient.ConnectAsync(listen);
            // No one begins before everybody is there: all sessions exist at once.
            if (Interlocked.Increment(ref connected) == sessions) all.SetResult();
            await all.Task.WaitAsync(end.Token);
            byte[] number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, client);
            await connection.SendAsync(number);
            Task<ulong> sending = StreamHash.SendAsync(connection.Socket, client, length, end.Token);
            (long bytes, ulong got) = await StreamHash.ReceiveAsync(connection.Socket, end.Token);
            ulong sent = await sending;
            await Eventually.HoldsAsync(() => upstream.Exchanges.ContainsKey(client), "the upstream has all");
            Assert.Equal(length, bytes);
            Assert.Equal(upstream.Exchanges[client], (got, length, sent));
        }));

        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine(
            $"{sessions} sessions, {length} bytes each way at once: {seconds:0.0} s, {2.0 * sessions * length / seconds / 1e9:0.00} GB/s");
        await Eventually.EqualsAsync(socketsBefore, () => proxy.Child.SocketCount, "sockets back to the base");
        Assert.Equal(0, await proxy.StopAsync());
        Assert.All(proxy.Sessions(), s => Assert.EndsWith(".relay.ended", s.GetProperty("reason").GetString(), StringComparison.Ordinal));
        Assert.Equal(sessions, proxy.Sessions().Count);
    }
}
