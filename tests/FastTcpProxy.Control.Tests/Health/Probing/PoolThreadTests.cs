using System.Collections.Concurrent;
using System.Net.Sockets;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>
/// The process has completions of sockets run on the runtime's epoll threads, which carry traffic. The runtime reads that setting before
/// the first socket, so these tests run themselves in a process of their own that has it.
/// </summary>
public sealed class PoolThreadTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static bool IsInline => Environment.GetEnvironmentVariable(Setting) == "1";

    [Fact]
    public async Task Probes_WithInlineCompletions_RunOnThePool()
    {
        Assert.SkipWhen(IsInline, "this is the process with the setting");
        var program = Path.ChangeExtension(typeof(PoolThreadTests).Assembly.Location, null);

        var result = await ChildProcess.RunAsync(
            program, ["-noColor", "-class", typeof(PoolThreadTests).FullName!],
            environment: new Dictionary<string, string?> { [Setting] = "1" }, within: Deadline.Patient * 2);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("Total: 5, Errors: 0, Failed: 0, Skipped: 1", result.Output);
    }

    /// <summary>If this fails the others prove nothing.</summary>
    [Fact]
    public async Task Framework_WithInlineCompletions_DoesNotRunOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using var upstream = new ManualUpstream();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(upstream.EndPoint);
        using var peer = await upstream.AcceptAsync();
        var thread = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);

        var reading = ReadAsync();
        await peer.SendAsync("x");

        Assert.False(await thread.Task.WaitAsync(Deadline.Patient));
        await reading;

        async Task ReadAsync()
        {
            await socket.ReceiveAsync(new byte[1]).ConfigureAwait(false);
            thread.SetResult(Thread.CurrentThread.IsThreadPoolThread);
        }
    }

    [Fact]
    public async Task Operations_EachOne_ContinuesOnThePool()
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        using var upstream = new ManualUpstream();
        upstream.KeepReceiveBuffersSmall();
        using var connection = new ProbeConnection(TimeProvider.System, Deadline.Patient, int.MaxValue - 1, endsInOrder: false);
        connection.Begin(CancellationToken.None);
        var threads = new ConcurrentQueue<(string, bool)>();

        var working = Task.Run(async () =>
        {
            await connection.ConnectAsync(upstream.EndPoint, 1, noDelay: false).ConfigureAwait(false);
            Note("connect");
            await connection.ReceiveAsync(new byte[1]).ConfigureAwait(false);
            Note("receive");
            await connection.SendAsync(new byte[50_000_000]).ConfigureAwait(false);
            Note("send");
        });
        using var peer = await upstream.AcceptAsync();
        await Eventually.EqualsAsync(1, () => threads.Count, "it waits in receive");
        await peer.SendAsync("x");
        await Eventually.EqualsAsync(2, () => threads.Count, "it waits in send");
        for (var rest = 50_000_000; rest > 0;)
            rest -= (await peer.ReceiveAsync()).Length;
        await working;
        connection.Finish();

        Assert.Equal([("connect", true), ("receive", true), ("send", true)], threads);

        void Note(string operation) => threads.Enqueue((operation, Thread.CurrentThread.IsThreadPoolThread));
    }

    /// <summary>
    /// The clock is asked at the end of a probe, on the thread on which the last of its reads has continued. Now and then an answer is
    /// there before it is waited for, and shows nothing: hence many probes.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_OverHttpAndHttps_NeverLeavesThePool(bool tls)
    {
        Assert.SkipUnless(IsInline, "only in the process with the setting");
        const int Probes = 20;
        await using var origin = Origin.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK", tls ? certificates.Good : null);
        var threads = new ThreadNotingClock();
        using var probe = Given.Probe(Given.Http(origin).Expecting(Given.Text("OK")), time: threads);

        for (var i = 0; i < Probes; i++)
            Assert.True((await Task.Run(() => probe.RunAsync(CancellationToken.None))).IsGood);

        Assert.InRange(threads.Count, 2 * Probes, int.MaxValue);
        Assert.Equal(0, threads.Others);
    }

    private sealed class ThreadNotingClock : TimeProvider
    {
        private int _count;
        private int _others;

        public int Count => _count;

        public int Others => _others;

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _count);
            if (!Thread.CurrentThread.IsThreadPoolThread)
                Interlocked.Increment(ref _others);
            return base.GetTimestamp();
        }
    }
}
