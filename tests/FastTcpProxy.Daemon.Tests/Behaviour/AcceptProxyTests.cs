using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>The header of a balancer in front, in every fragmentation and of every sort. One proxy with a service of each sort serves them
/// all; each session is known by its peer. A test whose timeout is its own has its own proxy.</summary>
public sealed class AcceptProxyTests(AcceptProxyTests.SharedProxy shared) : IClassFixture<AcceptProxyTests.SharedProxy>
{
    public static TheoryData<string> Forwarded => [HeaderText.V1Forwarded, HeaderText.V2Forwarded];

    [Theory]
    [MemberData(nameof(Forwarded))]
    public async Task Header_ByteByByte_IsBelieved(string header)
    {
        (HeaderUpstream upstream, ProxyProcess proxy, IPEndPoint listen) = (shared.Upstream, shared.Proxy, shared.Trusting);
        using TestClient client = await TestClient.ConnectAsync(listen);
        string peer = client.LocalEndPoint.ToString();
        foreach (char part in header + "payload") await client.SendAsync(part.ToString());
        client.HalfClose();

        Assert.Equal("payload", await client.ReceiveToEndAsync());
        Assert.Equal(HeaderText.V1Forwarded, HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
        JsonElement session = await SessionOfAsync(proxy, listen, peer);
        Assert.Equal("192.0.2.1:1000", session.Client());
        Assert.Equal(peer, session.GetProperty("peer").GetString());
        Assert.Equal("7/7", session.Bytes());
        Assert.Equal("client.relay.ended", session.Reason());
    }

    /// <summary>All connections stand at their split before any continues, so that the parts cannot come together in one read.</summary>
    [Theory]
    [MemberData(nameof(Forwarded))]
    public async Task Header_SplitAtEveryPosition_IsBelieved(string header)
    {
        await using HeaderUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [upstream.EndPoint], "proxy-v1",
                "\"acceptProxy\": { \"from\": [\"127.0.0.0/8\"], \"timeout\": \"30s\" }"));
        string bytes = header + "payload";
        // Split 0 and the last one send all at once: header and payload in one segment.
        List<TestClient> clients = [];
        for (int split = 0; split < bytes.Length; split++)
        {
            TestClient client = await TestClient.ConnectAsync(listen);
            clients.Add(client);
            if (split > 0) await client.SendAsync(bytes[..split]);
        }
        int split2 = 0;
        foreach (TestClient client in clients)
        {
            await client.SendAsync(bytes[split2++..]);
            client.HalfClose();
            Assert.Equal("payload", await client.ReceiveToEndAsync());
            Assert.Equal(HeaderText.V1Forwarded, HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
            client.Dispose();
        }
        await Eventually.EqualsAsync(bytes.Length, () => proxy.Sessions().Count, "a record for each");
        Assert.All(proxy.Sessions(), session => Assert.Equal("7/7", session.Bytes()));
    }

    [Theory]
    [MemberData(nameof(Forwarded))]
    public async Task Header_NotWhole_NothingReachesTheUpstream(string header)
    {
        (HeaderUpstream upstream, ProxyProcess proxy, IPEndPoint listen) = (shared.Upstream, shared.Proxy, shared.Trusting);
        int acceptedBefore = upstream.AcceptedCount;
        using TestClient unfinished = await TestClient.ConnectAsync(listen);
        string peer = unfinished.LocalEndPoint.ToString();
        await unfinished.SendAsync(header[..^1]);
        // While it waits, another client is served from its first byte to its last.
        using TestClient other = await TestClient.ConnectAsync(listen);
        await other.SendAsync(header);
        await Ends.AssertEchoAsync(other);
        await upstream.NextHeaderAsync();

        Assert.Equal(acceptedBefore + 1, upstream.AcceptedCount);
        unfinished.Dispose();
        JsonElement session = await SessionOfAsync(proxy, listen, peer);
        Assert.Equal("client.header.closed", session.Reason());
        Assert.Equal("", session.Attempts());
        Assert.Equal(acceptedBefore + 1, upstream.AcceptedCount);
    }

    [Fact]
    public async Task Header_Trickles_TheDeadlineIsAbsolute()
    {
        await using HeaderUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(
            listen, [upstream.EndPoint], "proxy-v1", "\"acceptProxy\": { \"from\": [\"127.0.0.0/8\"], \"timeout\": \"600ms\" }"));
        using TestClient client = await TestClient.ConnectAsync(listen);
        string header = HeaderText.V2Signature + "\x21\x11\xff\xff" + HeaderText.V2Ends;
        int sent = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                try
                {
                    client.Socket.Send([(byte)(sent < header.Length ? header[sent] : 0)]);
                    sent++;
                    return false;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return true;
                }
            },
            "the proxy gives up");

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("proxy.header.timedOut", session.Reason());
        Assert.InRange(session.TotalMs(), 600, Deadline.Patient.TotalMilliseconds);
        Assert.True(sent > 10, $"only {sent} bytes were sent before the end");
        Assert.Equal(0, upstream.AcceptedCount);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.1 1000 70000\r\n")]
    [InlineData("PROXY TCP4  192.0.2.1 198.51.100.1 1000 25\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.1 1000 25\n")]
    [InlineData("PROXY TCP6 192.0.2.1 198.51.100.1 1000 25\r\n")]
    [InlineData("PROXY UNKNOWN "
        + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(HeaderText.V2Signature + "\x31\x11\0\x0c" + HeaderText.V2Ends)]
    [InlineData(HeaderText.V2Signature + "\x21\x11\0\x04" + HeaderText.V2Ends)]
    [InlineData(HeaderText.V2Signature + "\x21\x11\0\x13" + HeaderText.V2Ends + "\x03\0\x04\0\0\0\0")]
    [InlineData(HeaderText.V2Signature + "\x21\x11\0\x10" + HeaderText.V2Ends + "\x04\0\x09\0")]
    public async Task Header_Invalid_ClientIsResetAndNothingReachesTheUpstream(string header)
    {
        (HeaderUpstream upstream, ProxyProcess proxy, IPEndPoint listen) = (shared.Upstream, shared.Proxy, shared.Trusting);
        int acceptedBefore = upstream.AcceptedCount;
        using TestClient client = await TestClient.ConnectAsync(listen);
        string peer = client.LocalEndPoint.ToString();
        await client.SendAsync(header);
        Assert.Equal(0, await Ends.AssertResetAsync(client));

        JsonElement session = await SessionOfAsync(proxy, listen, peer);
        Assert.Equal("client.header.invalidHeader", session.Reason());
        Assert.Equal("", session.Attempts());
        Assert.Equal(JsonValueKind.Null, session.GetProperty("upstream").ValueKind);
        Assert.Equal(acceptedBefore, upstream.AcceptedCount);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")]
    [InlineData(HeaderText.V2Local)]
    [InlineData(HeaderText.V2Signature + "\x20\x11\0\x0c" + HeaderText.V2Ends)]
    [InlineData(HeaderText.V2Signature + "\x20\xff\0\x05\x01\x02\x03\x04\x05")]
    [InlineData(HeaderText.V2Signature + "\x21\0\0\0")]
    public async Task Header_NamesNoClient_TheConnectionsOwnEndsCount(string header)
    {
        (HeaderUpstream upstream, ProxyProcess proxy, IPEndPoint listen) = (shared.Upstream, shared.Proxy, shared.Trusting);
        using TestClient client = await TestClient.ConnectAsync(listen);
        IPEndPoint own = client.LocalEndPoint;
        await client.SendAsync(header);
        await Ends.AssertEchoAsync(client);

        Assert.Equal(HeaderText.V1(own, listen), HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
        client.Dispose();
        JsonElement session = await SessionOfAsync(proxy, listen, own.ToString());
        Assert.Equal(own.ToString(), session.Client());
        Assert.False(session.TryGetProperty("peer", out _));
    }

    [Fact]
    public async Task UntrustedPeer_IsRefusedWhateverItSends()
    {
        (HeaderUpstream upstream, ProxyProcess proxy, IPEndPoint listen) = (shared.Upstream, shared.Proxy, shared.TrustingNoneHere);
        int acceptedBefore = upstream.AcceptedCount;
        await Ends.AssertConnectIsResetAsync(listen);

        Assert.Equal("proxy.guard.notTrusted",
            (await proxy.WaitForSessionAsync(session => session.GetProperty("service").GetString() == "elsewhere")).Reason());
        Assert.Equal(acceptedBefore, upstream.AcceptedCount);
    }

    /// <summary>No guessing: what looks like a header is payload where none is believed.</summary>
    [Theory]
    [InlineData(true, HeaderText.V1Forwarded)]
    [InlineData(true, HeaderText.V2Forwarded)]
    [InlineData(false, HeaderText.V1Forwarded)]
    [InlineData(false, HeaderText.V2Forwarded)]
    public async Task PlainClient_SendsWhatLooksLikeAHeader_ItIsPayload(bool othersPlain, string header)
    {
        (HeaderUpstream upstream, ProxyProcess proxy, IPEndPoint listen) =
            (shared.Upstream, shared.Proxy, othersPlain ? shared.OthersPlain : shared.Plain);
        using TestClient client = await TestClient.ConnectAsync(listen);
        string peer = client.LocalEndPoint.ToString();
        await Ends.AssertEchoAsync(client, header);

        Assert.Equal(HeaderText.V1(client.LocalEndPoint, listen), HeaderText.Of((await upstream.NextHeaderAsync()).Bytes));
        client.Dispose();
        Assert.Equal($"{header.Length}/{header.Length}", (await SessionOfAsync(proxy, listen, peer)).Bytes());
    }

    /// <summary>
    /// The session of a connection, by the address of the client that made it, and by the listener: the kernel gives the same local port to
    /// connections that go elsewhere.
    /// </summary>
    private static Task<JsonElement> SessionOfAsync(ProxyProcess proxy, IPEndPoint listen, string peer) => proxy.WaitForSessionAsync(
        session => session.GetProperty("listener").GetString() == listen.ToString()
            && (session.TryGetProperty("peer", out JsonElement named) ? named.GetString() : session.Client()) == peer);

    /// <summary>The proxy of the class, its upstream, and where its services listen. One test at a time; it owns both.</summary>
    public sealed class SharedProxy : IAsyncLifetime
    {
        internal HeaderUpstream Upstream { get; } = new();

        internal ProxyProcess Proxy { get; private set; } = null!;

        internal IPEndPoint Trusting { get; } = FreePort.Loopback();

        internal IPEndPoint TrustingNoneHere { get; } = FreePort.Loopback();

        internal IPEndPoint OthersPlain { get; } = FreePort.Loopback();

        internal IPEndPoint Plain { get; } = FreePort.Loopback();

        public async ValueTask InitializeAsync() => Proxy = await ProxyProcess.StartAsync($$"""
            { "services": [
              {{Service("trusting", Trusting, "\"acceptProxy\": { \"from\": [\"127.0.0.0/8\"] }")}},
              {{Service("elsewhere", TrustingNoneHere, "\"acceptProxy\": { \"from\": [\"192.0.2.0/24\"] }")}},
              {{Service("others", OthersPlain, "\"acceptProxy\": { \"from\": [\"192.0.2.0/24\"], \"others\": \"plain\" }")}},
              {{Service("plain", Plain, "")}},
            ] }
            """);

        public async ValueTask DisposeAsync()
        {
            Proxy.Dispose();
            await Upstream.DisposeAsync();
        }

        private string Service(string name, IPEndPoint listen, string keys) =>
            ServiceText.Service(name, [listen], [Upstream.EndPoint], "proxy-v1", keys);
    }
}
