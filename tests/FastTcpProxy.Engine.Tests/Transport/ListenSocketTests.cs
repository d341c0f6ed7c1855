using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Transport.Saea;
using FastTcpProxy.ProxyProtocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>Listening on real sockets: what can be bound, what the errors say, and how clients come in.</summary>
[Collection(SocketCollection.Name)]
public sealed class ListenSocketTests
{
    [Fact]
    public void Bind_PortZeroForSeveralLoops_AllGetTheSamePort()
    {
        BoundListener[] bound = ListenSocketBinder.Bind(new ListenAddress(new IPEndPoint(IPAddress.Loopback, 0)), 3);
        try
        {
            Assert.Equal(3, bound.Length);
            Assert.NotEqual(0, bound[0].LocalEndPoint.Port);
            Assert.Single(bound.Select(b => b.LocalEndPoint).Distinct());
        }
        finally
        {
            Release(bound);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Bind_AddressInUse_TheErrorNamesIt(int loops)
    {
        BoundListener[] bound = ListenSocketBinder.Bind(new ListenAddress(new IPEndPoint(IPAddress.Loopback, 0)), loops);
        ListenAddress same = new(bound[0].LocalEndPoint.ToIPEndPoint());
        try
        {
            BindException e = Assert.Throws<BindException>(() => ListenSocketBinder.Bind(same, loops));
            Assert.Contains(same.Text, e.Message);
            Assert.Contains("in use", e.Message);
        }
        finally
        {
            Release(bound);
        }
        Release(ListenSocketBinder.Bind(same, loops));
    }

    [Fact]
    public void Bind_AddressOfAnotherMachine_TheErrorNamesIt()
    {
        BindException e = Assert.Throws<BindException>(
            () => ListenSocketBinder.Bind(new ListenAddress(new IPEndPoint(IPAddress.Parse("203.0.113.7"), 2525)), 2));
        Assert.Contains("203.0.113.7:2525", e.Message);
        Assert.Contains("no such address", e.Message);
    }

    [Fact]
    public void Bind_UnixPathThatAProcessLeftBehind_IsTakenOver()
    {
        using TempFolder folder = new("listen");
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(folder["left"]));
            // The framework removes the file of a socket that it disposes: a process that was killed does not.
            File.Move(folder["left"], folder["s"]);
        }
        BoundListener[] bound = ListenSocketBinder.Bind(new ListenAddress(folder["s"]), 2);
        Assert.Single(bound);
        Release(bound);
    }

    [Fact]
    public void Bind_UnixPathThatIsServed_IsAConflict()
    {
        using TempFolder folder = new("listen");
        BoundListener[] bound = ListenSocketBinder.Bind(new ListenAddress(folder["s"]), 1);
        BindException e = Assert.Throws<BindException>(() => ListenSocketBinder.Bind(new ListenAddress(folder["s"]), 1));
        Assert.Contains(folder["s"], e.Message);
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(folder["s"]));
        Release(bound);
    }

    [Fact]
    public void Bind_UnixPathThatIsAFile_IsAnErrorAndTheFileStays()
    {
        using TempFolder folder = new("listen");
        string path = folder.Write("notes.txt", "precious");
        BindException e = Assert.Throws<BindException>(() => ListenSocketBinder.Bind(new ListenAddress(path), 1));
        Assert.Contains(path, e.Message);
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public async Task Accept_DualStack_NamesAnIPv4ClientAsIPv4()
    {
        await using SaeaBed bed = new();
        await using Acceptor acceptor = await Acceptor.StartAsync(bed, new IPEndPoint(IPAddress.IPv6Any, 0));
        using TestClient v4 = await TestClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, acceptor.Port));
        (InetEndPoint peer, InetEndPoint local) = await acceptor.NextAsync();
        Assert.Equal(InetEndPoint.FromIPEndPoint(v4.LocalEndPoint), peer);
        Assert.Equal(InetEndPoint.FromIPv4(0x7F000001, (ushort)acceptor.Port), local);
        using TestClient v6 = await TestClient.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, acceptor.Port));
        (peer, _) = await acceptor.NextAsync();
        Assert.Equal(InetEndPoint.FromIPEndPoint(v6.LocalEndPoint), peer);
        Assert.Equal(EndPointFamily.InterNetworkV6, peer.Family);
    }

    [Fact]
    public async Task Accept_OwnerSaysStop_NextClientComesAfterAccept()
    {
        await using SaeaBed bed = new();
        await using Acceptor acceptor = await Acceptor.StartAsync(bed, new IPEndPoint(IPAddress.Loopback, 0));
        acceptor.GoOn = false;
        using TestClient first = await TestClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, acceptor.Port));
        await acceptor.NextAsync();
        using TestClient second = await TestClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, acceptor.Port));
        // The kernel has it; a turn of the loop later no one has told of it.
        await bed.InLoopAsync(() => { });
        Assert.False(acceptor.HasNews);
        await bed.InLoopAsync(acceptor.Socket.Accept);
        Assert.Equal(InetEndPoint.FromIPEndPoint(second.LocalEndPoint), (await acceptor.NextAsync()).Peer);
    }

    [Fact]
    public void SocketPlacement_OnThisRuntime_IsPossible()
    {
        Assert.True(new SocketPlacement(2).IsActive,
            $"the runtime {Environment.Version} has no counter to steer by: sockets are not placed, which costs 10 % a connection");
        Assert.False(new SocketPlacement(1).IsActive);
    }

    [Theory]
    [InlineData(2, true, false)]
    [InlineData(2, false, true)]
    [InlineData(1, false, false)]
    public void SocketPlacement_IsTrouble_OnlyWhereItIsNeededAndImpossible(int threads, bool isPossible, bool isTrouble) =>
        Assert.Equal(isTrouble, new SocketPlacement(threads, isPossible).Trouble is not null);

    private static void Release(BoundListener[] bound)
    {
        foreach (BoundListener listener in bound) NativeDescriptor.Close(listener.Descriptor);
    }

    /// <summary>
    /// As when the runtime could not ask a socket that was passed on whether it listens: an error of the listener, which opens it again,
    /// and no defect.
    /// </summary>
    [Fact]
    public async Task Accept_SocketThatDoesNotListen_FailsAsLost()
    {
        await using SaeaBed bed = new();
        using Socket deaf = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using Acceptor acceptor = new(bed);

        await acceptor.AcceptAsync(new SaeaListenSocket(bed.Transport, deaf, acceptor));

        Assert.Equal(SocketError.InvalidArgument, acceptor.Failure);
        Assert.Equal(AcceptErrorTier.Listener, AcceptErrors.Classify(SocketError.InvalidArgument));
        Assert.Equal(0, bed.Loop.Metrics.Counts.Faults);
    }

    /// <summary>Accepts, notes who came, and keeps them until the end. Written in the loop, read by the test.</summary>
    private sealed class Acceptor(SaeaBed bed) : IAcceptOwner, IAsyncDisposable
    {
        private readonly Channel<(InetEndPoint Peer, InetEndPoint Local)> _accepted =
            Channel.CreateUnbounded<(InetEndPoint, InetEndPoint)>();

        private readonly List<StreamSocket> _streams = [];

        public ListenSocket Socket { get; private set; } = null!;

        public int Port { get; private set; }

        public SocketError? Failure { get; private set; }

        public bool GoOn { get; set; } = true;

        public bool HasNews => _accepted.Reader.TryPeek(out _);

        public static async Task<Acceptor> StartAsync(SaeaBed bed, IPEndPoint endPoint)
        {
            BoundListener bound = ListenSocketBinder.Bind(new ListenAddress(endPoint), 1)[0];
            Acceptor acceptor = new(bed) { Port = bound.LocalEndPoint.Port };
            await acceptor.AcceptAsync(bed.Transport.Listen(bound, acceptor));
            return acceptor;
        }

        public Task AcceptAsync(ListenSocket socket)
        {
            Socket = socket;
            return bed.InLoopAsync(socket.Accept);
        }

        public async Task<(InetEndPoint Peer, InetEndPoint Local)> NextAsync()
        {
            using CancellationTokenSource end = new(Deadline.Patient);
            return await _accepted.Reader.ReadAsync(end.Token);
        }

        public bool OnAccepted(in AcceptedConnection connection)
        {
            StreamSocket stream = connection.Stream;
            stream.Adopt(bed.Owner);
            _accepted.Writer.TryWrite((connection.Peer, stream.GetLocalEndPoint()));
            _streams.Add(stream);
            return GoOn;
        }

        public bool OnAcceptFailed(SocketError error)
        {
            Failure = error;
            return false;
        }

        public void OnFault(Exception fault) => throw fault;

        public async ValueTask DisposeAsync() => await bed.InLoopAsync(() =>
        {
            Socket.Close();
            foreach (StreamSocket stream in _streams) stream.Close(reset: true);
        });
    }
}
