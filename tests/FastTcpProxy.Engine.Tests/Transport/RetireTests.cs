using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>The end of a listening socket: with its queue, and without a trace for others who hold it.</summary>
[Collection(SocketCollection.Name)]
public sealed class RetireTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Close_AcceptInFlight_AnotherHolderGoesOnUndisturbed(bool accepts)
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed);
        using SharedSocket shared = new(taker.Bound.Descriptor);
        if (accepts)
        {
            await bed.InLoopAsync(taker.Socket.Accept);
            Assert.True(shared.IsWatched, "the test looks at the wrong place");
        }
        // Without an accept the client is in the queue before the close, else it comes after.
        using Socket before = accepts ? NewSocket() : await taker.ConnectAsync();

        await bed.InLoopAsync(taker.Socket.Close);
        using Socket after = await taker.ConnectAsync();

        Assert.Equal((true, false, false), (shared.Listens, shared.ResetsAtClose, shared.IsWatched));
        foreach (Socket client in accepts ? [after] : new[] { before, after })
        {
            using Socket accepted = shared.Socket.Accept();
            client.Send("x"u8);
            Assert.Equal(1, accepted.Receive(new byte[8]));
        }
        Assert.Empty(taker.Peers);
        Assert.True(taker.Socket.IsClosed);
        await bed.AssertDrainedAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(150)]
    public async Task Retire_ClientsInTheQueue_AllAreGivenBeforeItCloses(int clients)
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed);
        List<Socket> queued = [];
        for (int i = 0; i < clients; i++) queued.Add(await taker.ConnectAsync());

        await bed.InLoopAsync(taker.Socket.Retire);
        await Eventually.HoldsAsync(() => taker.Socket.IsClosed, "the socket is closed");

        Assert.Equal(queued.Select(c => InetEndPoint.FromIPEndPoint((IPEndPoint)c.LocalEndPoint!)), taker.Peers);
        foreach (Socket client in queued) client.Dispose();
        await taker.DropAsync();
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Retire_AcceptInFlight_TheNextClientIsRefused()
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed);
        await bed.InLoopAsync(taker.Socket.Accept);
        await bed.InLoopAsync(taker.Socket.Retire);
        Assert.True(taker.Socket.IsClosed);
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => taker.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, e.SocketErrorCode);
        await bed.AssertDrainedAsync();
    }

    /// <summary>Its SYN is dropped by the socket that leaves, and repeated to the one that stays.</summary>
    /// <param name="isPassed">Whether it was another process's, which has let go of it.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retire_ClientComesMeanwhile_IsLeftToTheOtherSocketOfThePort(bool isPassed)
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed, isInherited: isPassed);
        if (isPassed) await bed.InLoopAsync(taker.Socket.Claim);
        Task<Socket>? coming = null;
        taker.Accepted = () => coming ??= taker.ConnectAsync();
        BoundListener other = ListenSocketBinder.Bind(
            new ListenAddress(new IPEndPoint(IPAddress.Any, taker.Bound.LocalEndPoint.Port)), 1, besideOwn: true).Single();
        using Socket wildcard = new(new SafeSocketHandle(other.Descriptor, ownsHandle: true));
        using Socket queued = await taker.ConnectAsync();

        await bed.InLoopAsync(taker.Socket.Retire);

        using Socket client = await coming!;
        using Socket accepted = wildcard.Accept();
        client.Send("x"u8);
        Assert.Equal(1, accepted.Receive(new byte[8]));
        Assert.Equal(InetEndPoint.FromIPEndPoint((IPEndPoint)queued.LocalEndPoint!), Assert.Single(taker.Peers));
        await taker.DropAsync();
        await bed.AssertDrainedAsync();
    }

    /// <summary>Others continue to listen on it: they must not become deaf.</summary>
    [Fact]
    public async Task Retire_SocketOfAnotherProcess_TheOtherGoesOn()
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed, isInherited: true);
        using SharedSocket shared = new(taker.Bound.Descriptor);
        await bed.InLoopAsync(taker.Socket.Retire);
        using Socket client = await taker.ConnectAsync();
        using Socket accepted = shared.Socket.Accept();
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Retire_OwnerSaysStop_TheRestIsResetByTheClose()
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed) { GoOn = false };
        using Socket first = await taker.ConnectAsync();
        using Socket second = await taker.ConnectAsync();
        await bed.InLoopAsync(taker.Socket.Retire);
        Assert.Single(taker.Peers);
        SocketException e = Assert.Throws<SocketException>(() => second.Receive(new byte[8]));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        await taker.DropAsync();
        await bed.AssertDrainedAsync();
    }

    [Fact]
    public async Task Retire_AcceptedConnection_CarriesBytesLikeAnyOther()
    {
        await using SaeaBed bed = new();
        Taker taker = new(bed);
        using Socket client = await taker.ConnectAsync();
        await bed.InLoopAsync(taker.Socket.Retire);
        StreamSocket stream = Assert.Single(taker.Streams);
        Task<SocketError> readable = bed.WaitReadableAsync(stream);
        client.Send("hello"u8);
        Assert.Equal(SocketError.Success, await readable);
        byte[] room = new byte[8];
        IoResult received = await bed.InLoopAsync(() => stream.Receive(room));
        Assert.Equal("hello"u8.ToArray(), room[..received.Bytes]);
        await bed.InLoopAsync(() => stream.Send("bye"u8, endFollows: false));
        Assert.Equal(3, client.Receive(room));
        Assert.Equal(taker.Bound.LocalEndPoint, await bed.InLoopAsync(stream.GetLocalEndPoint));
        await taker.DropAsync();
        await bed.AssertDrainedAsync();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>
    /// Listens, but does not accept by itself; keeps each connection that it is given. Written in the loop, read by the test.
    /// </summary>
    private sealed class Taker : IAcceptOwner
    {
        private readonly SaeaBed _bed;
        private readonly ConcurrentQueue<InetEndPoint> _peers = new();

        public Taker(SaeaBed bed, bool isInherited = false)
        {
            _bed = bed;
            Bound = ListenSocketBinder.Bind(new ListenAddress(new IPEndPoint(IPAddress.Loopback, 0)), 1).Single()
                with { IsInherited = isInherited };
            Socket = bed.Transport.Listen(Bound, this);
        }

        public BoundListener Bound { get; }

        public ListenSocket Socket { get; }

        public InetEndPoint[] Peers => [.. _peers];

        public List<StreamSocket> Streams { get; } = [];

        public bool GoOn { get; init; } = true;

        /// <summary>Called in the loop with each connection.</summary>
        public Action? Accepted { get; set; }

        public async Task<Socket> ConnectAsync()
        {
            Socket client = NewSocket();
            using CancellationTokenSource end = new(Deadline.Patient);
            await client.ConnectAsync(Bound.LocalEndPoint.ToIPEndPoint(), end.Token);
            return client;
        }

        public Task DropAsync() => _bed.InLoopAsync(() => Streams.ForEach(s => s.Close(reset: true)));

        public bool OnAccepted(in AcceptedConnection connection)
        {
            _peers.Enqueue(connection.Peer);
            connection.Stream.Adopt(_bed.Owner);
            Streams.Add(connection.Stream);
            Accepted?.Invoke();
            return GoOn;
        }

        public bool OnAcceptFailed(SocketError error) => false;

        public void OnFault(Exception fault) => throw fault;
    }
}
