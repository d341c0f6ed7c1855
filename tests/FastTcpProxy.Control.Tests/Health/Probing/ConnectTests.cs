using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Where a probe connects, what it is called when it cannot, and how its connection ends.</summary>
public sealed class ConnectTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Connect_NobodyListens_IsRefused(string scheme)
    {
        var endPoint = FreePort.Loopback();

        var result = await Given.RunAsync(Given.Http($"{scheme}://{endPoint}/"));

        Assert.Equal((ProbeFailure.ConnectRefused, $"connect refused by {endPoint}"), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Connect_NoAddress_SaysWhy()
    {
        var result = await Given.RunAsync(Given.Http("http://nowhere.test/"));

        Assert.Equal((ProbeFailure.Unresolved, "the name nowhere.test has no address: no such name"), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Connect_NoWayToTheAddress_IsUnreachable()
    {
        // A link-local address without the link.
        var result = await Given.RunAsync(Given.Tcp(new IPEndPoint(IPAddress.Parse("fe80::1"), 80)));

        Assert.True(result.Failure is ProbeFailure.Unreachable or ProbeFailure.Local, result.ToString());
    }

    [Fact]
    public async Task Connect_FirstAddressRefuses_GoesToTheNext()
    {
        await using var origin = Origin.Answering(Ok);
        var book = new FixedBook(("two.test", [IPAddress.Parse("127.0.0.3"), IPAddress.Loopback]));

        var result = await Given.RunAsync(Given.Http($"http://two.test:{origin.EndPoint.Port}/"), book);

        Assert.Equal((null, "status 200"), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Connect_AddressesOfANameChange_AreUsedAtOnce()
    {
        await using var origin = Origin.Answering(Ok);
        var book = new ChangingBook { Addresses = [IPAddress.Parse("127.0.0.3")] };
        using var probe = Given.Probe(Given.Http($"http://two.test:{origin.EndPoint.Port}/"), book);
        Assert.Equal(ProbeFailure.ConnectRefused, (await probe.RunAsync(CancellationToken.None)).Failure);

        book.Addresses = [IPAddress.Loopback];
        Assert.Null((await probe.RunAsync(CancellationToken.None)).Failure);
        book.Addresses = [];
        Assert.Equal(ProbeFailure.Unresolved, (await probe.RunAsync(CancellationToken.None)).Failure);
    }

    [Theory]
    [InlineData(UpstreamDefinition.AddressesMax, true)]
    [InlineData(UpstreamDefinition.AddressesMax + 1, false)]
    public async Task Connect_ManyAddresses_TriesAsManyAsFailoverDoes(int goodOne, bool isReached)
    {
        await using var origin = Origin.Answering(Ok);
        IPAddress[] addresses = [.. Enumerable.Range(1, goodOne - 1).Select(i => IPAddress.Parse($"127.0.1.{i}")), IPAddress.Loopback];
        var book = new FixedBook(("many.test", addresses));

        var result = await Given.RunAsync(Given.Http($"http://many.test:{origin.EndPoint.Port}/"), book);

        Assert.Equal(isReached, result.IsGood);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, ProbeFailure.ConnectRefused)]
    [InlineData(SocketError.TimedOut, ProbeFailure.ConnectTimeout)]
    [InlineData(SocketError.NetworkUnreachable, ProbeFailure.Unreachable)]
    [InlineData(SocketError.HostUnreachable, ProbeFailure.Unreachable)]
    [InlineData(SocketError.AddressFamilyNotSupported, ProbeFailure.Unreachable)]
    [InlineData(SocketError.ConnectionReset, ProbeFailure.Disconnected)]
    [InlineData(SocketError.AddressNotAvailable, ProbeFailure.NoLocalPort)]
    [InlineData(SocketError.AddressAlreadyInUse, ProbeFailure.NoLocalPort)]
    [InlineData(SocketError.WouldBlock, ProbeFailure.NoLocalPort)]
    [InlineData(SocketError.TooManyOpenSockets, ProbeFailure.NoDescriptor)]
    [InlineData(SocketError.NoBufferSpaceAvailable, ProbeFailure.NoMemory)]
    [InlineData(SocketError.AccessDenied, ProbeFailure.Local)]
    public void Connect_Error_HasItsName(SocketError error, object expected) =>
        Assert.Equal(expected, ConnectFailures.Name(ConnectFailures.Of(error, new IPEndPoint(IPAddress.Loopback, 80)).Kind));

    /// <summary>A check is unknown for exactly what sessions hold against no upstream.</summary>
    [Fact]
    public void Connect_EachError_MakesTheCheckUnknownIfThisMachineLacked()
    {
        foreach (EndPoint target in new EndPoint[] { new IPEndPoint(IPAddress.Loopback, 80), new UnixDomainSocketEndPoint("/x") })
        {
            Assert.All(Enum.GetValues<SocketError>(), error =>
            {
                var failure = ConnectFailures.Of(error, target);
                Assert.Equal(failure.IsOwnLack, new ProbeResult(ConnectFailures.Name(failure.Kind), "", TimeSpan.Zero).IsUnknown);
            });
        }
    }

    [Theory]
    [InlineData(SocketError.Success, ProbeFailure.Disconnected, "the connection was closed before any answer")]
    [InlineData(SocketError.ConnectionReset, ProbeFailure.Disconnected, "the connection was reset before any answer")]
    [InlineData(SocketError.NoBufferSpaceAvailable, ProbeFailure.NoMemory, "the kernel has no memory left for the connection")]
    public void Answer_Error_IsTheUpstreamsUnlessThisMachineLacked(SocketError error, object failure, string text)
    {
        var outcome = AnswerFailures.Disconnected(error, ProbePhase.Answer, received: 0);
        Assert.Equal((failure, text), (outcome.Failure, outcome.Text));
    }

    /// <summary>The queue of a UNIX socket is full: as with TCP it is waited for, within the time of the probe.</summary>
    [Fact]
    public async Task Connect_FullUnixQueue_IsWaitedFor()
    {
        using var queue = new FullUnixQueue();
        var config = Given.Tcp() with { Address = Given.UnixAddress(queue.Path), Timeout = TimeSpan.FromMilliseconds(500) };
        using (var probe = Given.Probe(config))
        {
            var result = await probe.RunAsync(CancellationToken.None);
            Assert.Equal(ProbeFailure.ConnectTimeout, result.Failure);
            Assert.Contains("the queue of", result.Text, StringComparison.Ordinal);
            Assert.InRange(result.Duration.TotalMilliseconds, 450, Deadline.Patient.TotalMilliseconds);
        }

        using var patient = Given.Probe(config with { Timeout = Deadline.Patient });
        var running = patient.RunAsync(CancellationToken.None);
        Assert.False(running.IsCompleted);
        queue.Drain();
        Assert.Null((await running).Failure);
    }

    [Fact]
    public async Task Stop_WhileAFullUnixQueueIsWaitedFor_EndsAtOnce()
    {
        using var queue = new FullUnixQueue();
        using var probe = Given.Probe(Given.Tcp() with { Address = Given.UnixAddress(queue.Path), Timeout = TimeSpan.FromHours(1) });
        using var stop = new CancellationTokenSource();
        var running = probe.RunAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Deadline.Patient));
    }

    /// <summary>Nothing of it stays on either side, not even in TIME_WAIT.</summary>
    [Theory]
    [InlineData(false, Ok)]
    [InlineData(true, Ok)]
    [InlineData(false, "HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\n")]
    [InlineData(false, "garbage\r\n\r\n")]
    public async Task Close_AfterTheProbe_IsAReset(bool tls, string answer)
    {
        // Each connection is served by a task of its own.
        var ends = new ConcurrentQueue<bool>();
        await using var origin = new Origin(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(answer);
                ends.Enqueue(await connection.HoldAsync());
            },
            tls ? certificates.Good : null);

        await Given.RunAsync(Given.Http(origin));

        await Eventually.EqualsAsync(0, () => origin.OpenCount, "the origin has no connection");
        Assert.Equal([true, true], ends);
        Assert.Empty(SocketsWith(origin.EndPoint.Port));
    }

    [Fact]
    public async Task Close_BareConnect_IsAReset()
    {
        await using var origin = new Origin(connection => connection.HoldAsync());

        Assert.Null((await Given.RunAsync(Given.Tcp(origin.EndPoint))).Failure);

        await Eventually.EqualsAsync(0, () => origin.OpenCount, "the origin has no connection");
        Assert.Empty(SocketsWith(origin.EndPoint.Port));
    }

    [Theory]
    [InlineData(ProbePhase.Connect)]
    [InlineData(ProbePhase.Tls)]
    [InlineData(ProbePhase.Answer)]
    [InlineData(ProbePhase.Body)]
    public async Task Stop_InAnyPhase_EndsAtOnceAndLeavesNothing(object phase)
    {
        using var silent = await SilentUpstream.StartAsync();
        await using var origin = phase is ProbePhase.Tls
            ? new Origin(connection => connection.HoldAsync())
            : Origin.Answering(phase is ProbePhase.Body ? "HTTP/1.1 200 OK\r\n\r\nO" : "");
        var endPoint = phase is ProbePhase.Connect ? silent.EndPoint : origin.EndPoint;
        var scheme = phase is ProbePhase.Tls ? "https" : "http";
        using var probe = (HttpProbe)Given.Probe(Given.Http($"{scheme}://{endPoint}/").Expecting(Given.Text("OK")));
        using var stop = new CancellationTokenSource();

        var running = probe.RunAsync(stop.Token);
        await Eventually.EqualsAsync(phase, () => probe.Phase, "the phase in which it is stopped");
        await stop.CancelAsync();

        var thrown = await Assert.ThrowsAsync<OperationCanceledException>(() => running.WaitAsync(Deadline.Patient));
        Assert.Equal(stop.Token, thrown.CancellationToken);
        if (phase is ProbePhase.Connect)
            Assert.DoesNotContain(SocketsWith(endPoint.Port), state => state == SynSent);
        else
            await Eventually.EqualsAsync(0, () => origin.OpenCount, "the origin has no connection");
        await Assert.ThrowsAsync<OperationCanceledException>(() => probe.RunAsync(stop.Token));
    }

    [Fact]
    public async Task Dispose_WhileItRuns_EndsIt()
    {
        await using var origin = Origin.Answering("");
        var probe = (HttpProbe)Given.Probe(Given.Http(origin));
        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(ProbePhase.Answer, () => probe.Phase, "the request is sent");

        probe.Dispose();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Deadline.Patient));
    }

    /// <summary>Two at once would take each other's connection, and both would end by the timeout.</summary>
    [Fact]
    public async Task Run_WhileItRuns_IsRefused()
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.HoldAsync();
        });
        using var probe = (HttpProbe)Given.Probe(Given.Http(origin));
        using var stop = new CancellationTokenSource();
        var running = probe.RunAsync(stop.Token);
        await Eventually.EqualsAsync(ProbePhase.Answer, () => probe.Phase, "the request is sent");

        await Assert.ThrowsAsync<InvalidOperationException>(() => probe.RunAsync(CancellationToken.None));

        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => running);
    }

    private const int SynSent = 2;
    private const int Listen = 10;

    /// <summary>The states (proc_pid_net(5)) of all IPv4 TCP sockets with this port at either end, but those that listen.</summary>
    private static List<int> SocketsWith(int port)
    {
        var end = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return
        [
            .. from line in File.ReadLines("/proc/self/net/tcp").Skip(1)
               let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where fields[1].EndsWith(end, StringComparison.Ordinal) || fields[2].EndsWith(end, StringComparison.Ordinal)
               let state = int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
               where state != Listen
               select state,
        ];
    }

    private sealed class ChangingBook : IAddressBook
    {
        public System.Collections.Immutable.ImmutableArray<IPAddress> Addresses { get; set; } = [];

        public System.Collections.Immutable.ImmutableArray<IPAddress> Find(string name, out string? error)
        {
            error = Addresses.IsEmpty ? "gone" : null;
            return Addresses;
        }
    }
}
