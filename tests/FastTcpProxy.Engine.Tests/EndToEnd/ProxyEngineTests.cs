using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>The engine as a whole, on two threads and real sockets.</summary>
[Collection(SocketCollection.Name)]
public sealed class ProxyEngineTests
{
    [Fact]
    public async Task Echo_200SessionsAtOnce_EveryByteComesBack()
    {
        const int Sessions = 200;
        const int Bytes = 100_000;
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        await Task.WhenAll(Enumerable.Range(0, Sessions).Select(seed => Task.Run(() => EchoOnceAsync(bed, seed, Bytes))));
        for (int i = 0; i < Sessions; i++)
        {
            SessionRecord record = await bed.NextRecordAsync();
            Assert.Equal(("client.relay.ended", (long)Bytes, (long)Bytes),
                (record.Reason.ToString(), record.BytesFromClient, record.BytesFromUpstream));
        }
        Assert.Equal(Sessions, bed.Engine.Metrics.Read().AllServices().EndedCount);
        Assert.Equal((long)Sessions * Bytes, bed.Engine.Metrics.Read().AllServices().BytesToClients);
    }

    [Fact]
    public async Task Client_Resets_UpstreamSeesAReset()
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        TestClient client = await bed.ConnectAsync();
        await client.SendAsync("x");
        using Socket upstream = await AcceptAsync(listener);
        Assert.Equal(1, await ReceiveAsync(upstream));
        client.Reset();
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(upstream));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        Assert.Equal("client.relay.reset", (await bed.NextRecordAsync()).Reason.ToString());
    }

    [Fact]
    public async Task Upstream_Resets_ClientSeesAReset()
    {
        await using ResettingUpstream upstream = new(ResetMoment.OnFirstBytes);
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync("x");
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync());
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        Assert.Equal("upstream.relay.reset", (await bed.NextRecordAsync()).Reason.ToString());
    }

    [Fact]
    public async Task HalfClose_ByTheClient_UpstreamStillAnswers()
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync("question");
        client.HalfClose();
        using Socket upstream = await AcceptAsync(listener);
        Assert.Equal(8, await ReceiveAsync(upstream));
        Assert.Equal(0, await ReceiveAsync(upstream));
        await upstream.SendAsync("answer"u8.ToArray());
        upstream.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer", await client.ReceiveToEndAsync());
        Assert.Equal("client.relay.ended", (await bed.NextRecordAsync()).Reason.ToString());
    }

    [Fact]
    public async Task HalfClose_ByTheUpstream_ClientMayStillSend()
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        using Socket upstream = await AcceptAsync(listener);
        await upstream.SendAsync("bye"u8.ToArray());
        upstream.Shutdown(SocketShutdown.Send);
        Assert.Equal("bye", await client.ReceiveToEndAsync());
        await client.SendAsync("last words");
        client.HalfClose();
        Assert.Equal(10, await ReceiveAsync(upstream));
        Assert.Equal(0, await ReceiveAsync(upstream));
        Assert.Equal("upstream.relay.ended", (await bed.NextRecordAsync()).Reason.ToString());
    }

    [Fact]
    public async Task OneByteWrites_NoDelayedAcknowledgementStallsThem()
    {
        const int Rounds = 150;
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.ProxyV2, [upstream.EndPoint],
            d => d with { Upstreams = [d.Upstreams[0] with { Mode = HeaderMode.Raw }] });
        using TestClient client = await bed.ConnectAsync();
        double[] times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long started = Stopwatch.GetTimestamp();
            // Two writes for one answer: what a sender that waits for an acknowledgement between them stalls on.
            await client.SendAsync("a");
            await client.SendAsync("b");
            await client.ReceiveExactlyAsync(2);
            times[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        Array.Sort(times);
        // A stall is 40 ms each time; a busy machine is late now and then.
        Assert.True(times[Rounds / 2] < 38, $"the median round trip took {times[Rounds / 2]:F1} ms, the longest {times[^1]:F1} ms");
    }

    [Fact]
    public async Task Header_ClientBytesWereThere_OneReadBringsBoth()
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        await using HeaderUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.ProxyV2, [silent.EndPoint, upstream.EndPoint]);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync("hello");
        ReceivedHeader header = await upstream.NextHeaderAsync();
        Assert.Equal([.. header.Bytes, .. "hello"u8], header.FirstReceive);
        client.HalfClose();
        Assert.Equal("hello", await client.ReceiveToEndAsync());
        SessionRecord record = await bed.NextRecordAsync();
        Assert.Equal((2, 1), (record.Attempts.Total, record.UpstreamIndex));
    }

    [Theory]
    [InlineData(HeaderMode.ProxyV1)]
    [InlineData(HeaderMode.ProxyV2)]
    public async Task Header_SilentClient_ComesAtOnceWithTheClientsAddress(HeaderMode mode)
    {
        await using HeaderUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(mode, [upstream.EndPoint], listen: new IPEndPoint(IPAddress.IPv6Any, FreePort.Next()));
        using TestClient client = await bed.ConnectAsync();
        ReceivedHeader received = await upstream.NextHeaderAsync();
        Assert.Equal(received.Bytes, received.FirstReceive);
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(received.Bytes, out ProxyHeader header, out _));
        Assert.Equal(InetEndPoint.FromIPEndPoint(client.LocalEndPoint), header.Source);
        Assert.Equal(InetEndPoint.FromIPv4(0x7F000001, (ushort)bed.EndPoint.Port), header.Destination);
    }

    [Fact]
    public async Task Unix_ListenerAndUpstream_Relay()
    {
        using TempFolder folder = new("engine");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(folder["up"]));
        listener.Listen(4);
        await using EngineBed bed = EngineBed.Start(HeaderMode.ProxyV2, [listener.LocalEndPoint!], unixPath: folder["down"]);
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(folder["down"]));
        using Socket upstream = await AcceptAsync(listener);
        byte[] room = new byte[256];
        int count = await upstream.ReceiveAsync(room).WaitAsync(Deadline.Patient);
        Assert.Equal(ProxyDecodeStatus.Complete, ProxyHeaderDecoder.Decode(room.AsSpan(0, count), out ProxyHeader header, out _));
        Assert.False(header.HasInetAddresses);
        client.Send("x"u8);
        Assert.Equal(1, await ReceiveAsync(upstream));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await ReceiveAsync(upstream));
        upstream.Shutdown(SocketShutdown.Send);
        SessionRecord record = await bed.NextRecordAsync();
        Assert.Equal(("client.relay.ended", "unix:" + folder["down"]), (record.Reason.ToString(), record.Listener));
    }

    [Theory]
    [InlineData(AllFailedAction.Close)]
    [InlineData(AllFailedAction.Reset)]
    public async Task AllFailed_SilentUpstream_ClientIsToldAsConfigured(AllFailedAction action)
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [silent.EndPoint], d => d with { OnAllFailed = action });
        using TestClient client = await bed.ConnectAsync();
        if (action == AllFailedAction.Close) Assert.Empty(await client.ReceiveAsync());
        else Assert.Equal(SocketError.ConnectionReset,
            (await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync())).SocketErrorCode);
        SessionRecord record = await bed.NextRecordAsync();
        Assert.Equal("upstream.connect.timedOut", record.Reason.ToString());
        Assert.InRange(record.ConnectUs, 400_000, (long)Deadline.Patient.TotalMicroseconds);
    }

    [Fact]
    public async Task StopAccepting_ThenReset_RefusesNewClientsAndEndsTheRest()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync("x");
        await client.ReceiveExactlyAsync(1);
        bed.Engine.StopAccepting();
        await Eventually.HoldsAsync(() => ListeningSockets.QueueLength(bed.EndPoint) is null, "no one listens on the port");
        await client.SendAsync("y");
        await client.ReceiveExactlyAsync(1);
        bed.Engine.ResetSessions();
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync());
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        Assert.Equal("operator.relay.drained", (await bed.NextRecordAsync()).Reason.ToString());
    }

    [Fact]
    public void Start_AddressesInUse_NamesThemAllAndBindsNone()
    {
        using Socket first = Listen();
        using Socket second = Listen();
        IPEndPoint free = FreePort.Loopback();
        using ProxyEngine engine = new(new EngineOptions { Threads = ModuleSetup.Threads });
        ServiceState service = new(new ServiceDefinition { Name = "mail", Upstreams = [] });
        IPEndPoint[] addresses = [(IPEndPoint)first.LocalEndPoint!, free, (IPEndPoint)second.LocalEndPoint!];
        BindException e =
            Assert.Throws<BindException>(() => engine.Start([new ListenPlan(service, [.. addresses.Select(a => new ListenAddress(a))])]));
        Assert.Contains("mail", e.Message);
        Assert.Contains(first.LocalEndPoint!.ToString()!, e.Message);
        Assert.Contains(second.LocalEndPoint!.ToString()!, e.Message);
        Assert.DoesNotContain(free.ToString(), e.Message);
        Assert.False(CanConnect(free));
    }

    private static async Task EchoOnceAsync(EngineBed bed, int seed, int bytes)
    {
        byte[] payload = new byte[bytes];
        Random random = new(seed);
        random.NextBytes(payload);
        using TestClient client = await bed.ConnectAsync();
        Task<byte[]> received = client.ReceiveExactlyAsync(bytes);
        for (int sent = 0; sent < bytes;)
        {
            int count = Math.Min(bytes - sent, random.Next(1, 30_000));
            await client.SendAsync(payload.AsMemory(sent, count));
            sent += count;
        }
        client.HalfClose();
        Assert.Equal(SHA256.HashData(payload), SHA256.HashData(await received));
        Assert.Empty(await client.ReceiveAsync());
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

    private static async Task<int> ReceiveAsync(Socket socket)
    {
        using CancellationTokenSource end = new(Deadline.Patient);
        return await socket.ReceiveAsync(new byte[4096], end.Token);
    }

    private static bool CanConnect(IPEndPoint endPoint)
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
