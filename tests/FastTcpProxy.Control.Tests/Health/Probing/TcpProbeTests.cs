using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>Checks of servers without HTTP.</summary>
public sealed class TcpProbeTests
{
    [Fact]
    public async Task Probe_SomebodyListens_IsGood()
    {
        await using var origin = new Origin(connection => connection.HoldAsync());

        var result = await Given.RunAsync(Given.Tcp(origin.EndPoint));

        Assert.Equal((null, "connected"), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Probe_NoAddressOfItsOwn_GoesToTheUpstream()
    {
        await using var origin = new Origin(connection => connection.HoldAsync());
        var config = Given.Tcp();
        using var probe = ProbeFactory.Create(
            config,
            new UpstreamConfiguration
            {
                Name = "a", Address = Given.Address(origin.EndPoint), Mode = HeaderMode.Raw, Enabled = true, HealthCheck = config,
            },
            new FixedBook(),
            TimeProvider.System);

        Assert.Null((await probe.RunAsync(CancellationToken.None)).Failure);
    }

    [Fact]
    public async Task Probe_NobodyListens_IsRefused()
    {
        var endPoint = FreePort.Loopback();

        var result = await Given.RunAsync(Given.Tcp(endPoint));

        Assert.Equal((ProbeFailure.ConnectRefused, $"connect refused by {endPoint}"), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Probe_DnsName_IsLookedUp()
    {
        await using var origin = new Origin(connection => connection.HoldAsync());
        var config = Given.Tcp() with
        {
            Address = new ConfiguredUpstreamAddress { Kind = AddressKind.Dns, Text = "", DnsName = "db.test", Port = origin.EndPoint.Port },
        };

        Assert.Null((await Given.RunAsync(config, new FixedBook(("db.test", [IPAddress.Loopback])))).Failure);
        Assert.Equal(ProbeFailure.Unresolved, (await Given.RunAsync(config)).Failure);
    }

    [Fact]
    public async Task Probe_UnixPath_IsConnectedTo()
    {
        using var folder = new TempFolder("probe");
        var config = Given.Tcp() with
        {
            Address = new ConfiguredUpstreamAddress { Kind = AddressKind.Unix, Text = "", Path = folder["socket"] },
        };
        var missing = await Given.RunAsync(config);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        listener.Listen();

        Assert.Equal((ProbeFailure.ConnectRefused, $"connect failed: the socket {folder["socket"]} does not exist"),
            (missing.Failure, missing.Text));
        Assert.Null((await Given.RunAsync(config)).Failure);
        listener.Close();
        // The framework removes the file of a socket that it has bound; that of a dead process stays.
        using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        Assert.Equal($"connect refused by {folder["socket"]}", (await Given.RunAsync(config)).Text);
    }

    [Fact]
    public async Task Probe_UnixPathWithHeaderV1_SaysUnknown()
    {
        using var folder = new TempFolder("probe");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        listener.Listen();
        var config = Given.Tcp() with
        {
            Address = new ConfiguredUpstreamAddress { Kind = AddressKind.Unix, Text = "", Path = folder["socket"] },
            ProxyHeader = CheckProxyHeader.V1,
            Expect = new CheckExpectation { FailStatus = [], Body = Given.Text("x") },
        };
        using var probe = Given.Probe(config);
        var running = probe.RunAsync(CancellationToken.None);
        using var client = TestClient.Take(await listener.AcceptAsync());

        Assert.Equal("PROXY UNKNOWN\r\n", await client.ReceiveUntilAsync("\n"));
        await client.SendAsync("x");
        Assert.Null((await running.WaitAsync(Deadline.Patient)).Failure);
    }

    /// <summary>A reset could overtake the header, and Postfix does not survive one right behind it.</summary>
    [Theory]
    [InlineData(CheckProxyHeader.None, true)]
    [InlineData(CheckProxyHeader.V2, false)]
    public async Task Probe_HeaderAndNothingElse_ClosesInOrder(CheckProxyHeader header, bool resets)
    {
        var ends = new ConcurrentQueue<bool>();
        await using var origin = new Origin(async connection => ends.Enqueue(await connection.HoldAsync()));

        Assert.Null((await Given.RunAsync(Given.Tcp(origin.EndPoint) with { ProxyHeader = header })).Failure);

        await Eventually.EqualsAsync(2, () => ends.Count, "both connections are closed");
        Assert.All(ends, wasReset => Assert.Equal(resets, wasReset));
    }

    /// <summary>A server that hung finds the connections of all the probes that timed out meanwhile.</summary>
    [Theory]
    [InlineData(CheckType.Tcp, CheckProxyHeader.None, true)]
    [InlineData(CheckType.Tcp, CheckProxyHeader.V1, false)]
    [InlineData(CheckType.Smtp, CheckProxyHeader.None, false)]
    [InlineData(CheckType.Http, CheckProxyHeader.None, true)]
    [InlineData(CheckType.Http, CheckProxyHeader.V2, false)]
    public async Task Probe_ThatTimesOut_ClosesAsOneThatDoesNot(CheckType type, CheckProxyHeader header, bool resets)
    {
        var ends = new ConcurrentQueue<bool>();
        await using var origin = new Origin(async connection => ends.Enqueue(await connection.HoldAsync()));
        var check = type == CheckType.Http ? Given.Http(origin) : Given.Tcp(origin.EndPoint).Expecting(Given.Text("x"));

        ProbeResult result = await Given.RunAsync(
            check with { Type = type, ProxyHeader = header, Timeout = TimeSpan.FromMilliseconds(100) });

        Assert.Equal(ProbeFailure.ResponseTimeout, result.Failure);
        // More than two where the machine is busy: a probe that had a gap asks again.
        await Eventually.HoldsAsync(() => ends.Count >= 2 && origin.OpenCount == 0, "all connections are closed");
        Assert.All(ends, wasReset => Assert.Equal(resets, wasReset));
    }

    [Theory]
    [InlineData(CheckProxyHeader.V1)]
    [InlineData(CheckProxyHeader.V2)]
    public async Task Probe_ProxyHeader_GoesFirst(CheckProxyHeader header)
    {
        byte[] came = [];
        byte[] expected = [];
        await using var origin = new Origin(async connection =>
        {
            var line = $"PROXY TCP4 127.0.0.1 127.0.0.1 {connection.Peer.Port} {((IPEndPoint)connection.Socket.LocalEndPoint!).Port}\r\n";
            byte[] local = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0];
            expected = [.. header == CheckProxyHeader.V1 ? System.Text.Encoding.ASCII.GetBytes(line) : local, .. "PING"u8];
            came = await connection.ReadExactlyAsync(expected.Length);
            await connection.SendAsync("PONG");
            await connection.HoldAsync();
        });

        var result = await Given.RunAsync(
            Given.Tcp(origin.EndPoint).Expecting(Given.Text("PONG")) with { ProxyHeader = header, Content = [.. "PING"u8] });

        Assert.Null(result.Failure);
        Assert.Equal(expected, came);
    }

    [Fact]
    public async Task Probe_ExpectedAnswer_IsFoundAcrossPackets()
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.ReadExactlyAsync(6);
            await connection.SendAsync("+PO");
            await connection.SendAsync("NG\r\n");
            await connection.HoldAsync();
        });

        var result = await Given.RunAsync(Given.Tcp(origin.EndPoint).Expecting(Given.Text("PONG")) with { Content = [.. "PING\r\n"u8] });

        Assert.Equal((null, "the answer contains \"PONG\""), (result.Failure, result.Text));
    }

    [Theory]
    [InlineData("^220 ")]
    [InlineData("ready")]
    [InlineData(@"\bESMTP\b")]
    public async Task Probe_ExpressionInABanner_IsFoundWithoutAnEnd(string expression)
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync("220 mail.test ESMTP ready");
            await connection.HoldAsync();
        });

        Assert.Null((await Given.RunAsync(Given.Tcp(origin.EndPoint).Expecting(Given.Expression(expression)))).Failure);
    }

    [Theory]
    [InlineData("", ProbeFailure.Disconnected, "the connection was closed before any answer")]
    [InlineData("500 no\r\n", ProbeFailure.Content, "the answer does not contain \"220\": \"500 no\\u000d\\u000a\"")]
    public async Task Probe_EndWithoutTheAnswer_SaysWhatCame(string answer, ProbeFailure expected, string text)
    {
        await using var origin = new Origin(connection => connection.SendAsync(answer));

        var result = await Given.RunAsync(Given.Tcp(origin.EndPoint).Expecting(Given.Text("220")));

        Assert.Equal((expected, text), (result.Failure, result.Text));
    }

    [Fact]
    public async Task Probe_AnswerWithoutEnd_IsCutAtTheBound()
    {
        await using var origin = new Origin(connection => connection.SendForeverAsync(new string('x', 1000)));

        var result = await Given.RunAsync(Given.Tcp(origin.EndPoint).Expecting(Given.Text("220")));

        Assert.Equal((ProbeFailure.TooLarge, "the first 64 KiB of the answer do not contain \"220\""), (result.Failure, result.Text));
    }

    [Theory]
    [InlineData(0, "y")]
    [InlineData(-1, "xy")]
    public async Task Probe_AnswerAtTheBound_IsLookedAtUpToIt(int more, string found)
    {
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync(new string('x', ProbeLimits.ContentBytesMax - 1 + more) + "y");
            await connection.HoldAsync();
        });

        Assert.Null((await Given.RunAsync(Given.Tcp(origin.EndPoint).Expecting(Given.Text(found)))).Failure);
    }

    [Fact]
    public async Task Probe_AnswerThatIsShortOfIt_TimesOutAndShowsIt()
    {
        var time = new PassingTime();
        await using var origin = new Origin(async connection =>
        {
            await connection.SendAsync("22");
            await connection.HoldAsync();
        });
        using var probe =
            (TcpProbe)Given.Probe(Given.Tcp(origin.EndPoint).Expecting(Given.Text("220")) with { Timeout = Given.Timeout }, time: time);

        var running = probe.RunAsync(CancellationToken.None);
        await Eventually.EqualsAsync(2, () => probe.Received, "the beginning has come");
        time.Pass(Given.Timeout);

        var result = await running.WaitAsync(Deadline.Patient);
        Assert.Equal(
            (ProbeFailure.ResponseTimeout, "timed out waiting for the answer, the answer does not contain \"220\": \"22\""),
            (result.Failure, result.Text));
    }

    /// <summary>A reset could overtake what was sent.</summary>
    [Fact]
    public async Task Probe_SendsAndAwaitsNothing_AllArrives()
    {
        const int Length = 2_000_000;
        // Each connection is served by a task of its own.
        var came = new ConcurrentQueue<(int, bool)>();
        await using var origin = new Origin(async connection =>
        {
            var length = (await connection.ReadExactlyAsync(Length)).Length;
            came.Enqueue((length, await connection.HoldAsync()));
        });

        Assert.Null((await Given.RunAsync(Given.Tcp(origin.EndPoint) with { Content = [.. new byte[Length]] })).Failure);

        await Eventually.EqualsAsync(2, () => came.Count, "both have come whole");
        Assert.Equal([(Length, false), (Length, false)], came);
    }
}
