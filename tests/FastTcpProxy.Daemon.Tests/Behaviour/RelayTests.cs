using System.Diagnostics;
using System.Text.Json;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// The relay from outside: half-closes, tails, small writes. Each test plays client and upstream itself, step by step;
/// one proxy serves them all, so that each session is known by its client.
/// </summary>
public sealed class RelayTests(RelayProxy proxy) : IClassFixture<RelayProxy>
{
    private const int TailLength = 10 << 20;

    /// <summary>A read that is long enough to fill buffers, and small enough that there are many.</summary>
    private const int SlowRead = 64 << 10;

    [Fact]
    public async Task Client_HalfCloses_UpstreamGoesOnSendingForLong()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        await proxied.Client.SendAsync("request");
        proxied.Client.HalfClose();

        Assert.Equal("request", await proxied.Upstream.ReceiveToEndAsync());
        for (int i = 0; i < 50; i++)
        {
            await proxied.Upstream.SendAsync($"part {i:00}");
            Assert.Equal($"part {i:00}", Text(await proxied.Client.ReceiveExactlyAsync(7)));
        }
        proxied.Upstream.HalfClose();
        await Ends.AssertEndAsync(proxied.Client);

        JsonElement session = await proxied.SessionAsync();
        Assert.Equal("client.relay.ended", session.Reason());
        Assert.Equal("7/350", session.Bytes());
        Assert.Equal("a:connected", session.Attempts());
    }

    [Fact]
    public async Task Upstream_HalfCloses_ClientGoesOnSendingForLong()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        await proxied.Upstream.SendAsync("greeting");
        proxied.Upstream.HalfClose();

        Assert.Equal("greeting", await proxied.Client.ReceiveToEndAsync());
        for (int i = 0; i < 50; i++)
        {
            await proxied.Client.SendAsync($"part {i:00}");
            Assert.Equal($"part {i:00}", Text(await proxied.Upstream.ReceiveExactlyAsync(7)));
        }
        proxied.Client.HalfClose();
        await Ends.AssertEndAsync(proxied.Upstream);

        JsonElement session = await proxied.SessionAsync();
        Assert.Equal("upstream.relay.ended", session.Reason());
        Assert.Equal("350/8", session.Bytes());
    }

    [Fact]
    public async Task Upstream_SendsMuchAndClosesAtOnce_SlowClientGetsAllAndTheEnd()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy, smallClientBuffer: true);
        byte[] tail = Pattern(TailLength);
        Task sending = Task.Run(async () =>
        {
            await proxied.Upstream.SendAsync(tail);
            proxied.Upstream.Dispose();
        });

        await AssertReceivesAsync(proxied.Client, tail);
        await sending;
        proxied.Client.HalfClose();

        JsonElement session = await proxied.SessionAsync();
        Assert.Equal("upstream.relay.ended", session.Reason());
        Assert.Equal($"0/{TailLength}", session.Bytes());
    }

    /// <summary>
    /// The upstream is gone, and answers what the client still sends with a reset. What it had sent in order before its end is the
    /// client's, who may see an error of its own sends, but must not lose a byte that it could have read.
    /// </summary>

    [Fact]
    public async Task Client_SendsMuchAndClosesAtOnce_SlowUpstreamGetsAllAndTheEnd()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        byte[] tail = Pattern(TailLength);
        Task sending = Task.Run(async () =>
        {
            await proxied.Client.SendAsync(tail);
            proxied.Client.Dispose();
        });

        await AssertReceivesAsync(proxied.Upstream, tail);
        await sending;
        proxied.Upstream.HalfClose();

        JsonElement session = await proxied.SessionAsync();
        Assert.Equal("client.relay.ended", session.Reason());
        Assert.Equal($"{TailLength}/0", session.Bytes());
    }

    /// <summary>
    /// The proxy holds bytes that the upstream does not take, so it reads nothing from the client: it must notice its end all the same.
    /// </summary>

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OneByte_PingPong_IsNotHeldBack(bool noDelay)
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);
        proxied.Client.Socket.NoDelay = proxied.Upstream.Socket.NoDelay = noDelay;

        await AssertRoundsAreQuickAsync(200, async () =>
        {
            await proxied.Client.SendAsync("a");
            await proxied.Upstream.ReceiveExactlyAsync(1);
            await proxied.Upstream.SendAsync("b");
            await proxied.Client.ReceiveExactlyAsync(1);
        });
    }

    /// <summary>
    /// Two small writes, then a read: with Nagle's algorithm and delayed acknowledgements the pattern that stalls for 40 ms.
    /// </summary>

    [Fact]
    public async Task OneByte_WriteWriteRead_IsNotHeldBack()
    {
        await using Proxied proxied = await Proxied.StartAsync(proxy);

        await AssertRoundsAreQuickAsync(200, async () =>
        {
            await proxied.Client.SendAsync("a");
            await proxied.Client.SendAsync("b");
            await proxied.Upstream.ReceiveExactlyAsync(2);
            await proxied.Upstream.SendAsync("c");
            await proxied.Upstream.SendAsync("d");
            await proxied.Client.ReceiveExactlyAsync(2);
        });
    }

    /// <summary>
    /// The first goes into the closed socket, the next ones follow the reset that answers it; sends may fail from then on.
    /// </summary>

    /// <summary>Sends until the other side has taken nothing for a while: all buffers on the way are full.</summary>

    /// <summary>A stall is 40 ms (the delayed acknowledgement), and would come in each round. A busy machine is late in some.</summary>

    private static async Task AssertRoundsAreQuickAsync(int rounds, Func<Task> round)
    {
        await round();
        double[] took = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await round();
            took[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(took);
        Assert.True(took[rounds / 2] < 38,
            $"median {took[rounds / 2]:0.0} ms, nine of ten within {took[rounds * 9 / 10]:0.0} ms, longest {took[^1]:0.0} ms");
    }

    private static async Task AssertReceivesAsync(TestClient receiver, byte[] expected)
    {
        byte[] got = new byte[expected.Length];
        int have = 0;
        while (have < got.Length)
        {
            byte[] part = await receiver.ReceiveExactlyAsync(Math.Min(SlowRead, got.Length - have));
            part.CopyTo(got, have);
            have += part.Length;
        }
        await Ends.AssertEndAsync(receiver);
        Assert.True(got.AsSpan().SequenceEqual(expected), "other bytes than were sent");
    }

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);
}
