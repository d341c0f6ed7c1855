using System.Net;
using System.Net.Sockets;
using System.Reflection;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Saea;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// Both legs leave urgent bytes in the stream (SO_OOBINLINE, socket(7)), whichever process made the listening socket and whenever the
/// client connected.
/// </summary>
[Collection(SocketCollection.Name)]
public sealed class UrgentInStreamTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("unix")]
    public async Task Accepted_BeforeAndAfterTheListenerWasTaken_HasIt(string address)
    {
        using TempFolder folder = new("inline");
        EndPoint where = address == "unix" ? new UnixDomainSocketEndPoint(folder["s"]) : new IPEndPoint(IPAddress.Parse(address), 0);
        await using SaeaBed bed = new();
        Socket listening = new(where.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(where);
        listening.Listen(8);
        // In the queue before anyone here has touched the socket.
        using Socket early = Connect(listening);
        Acceptor acceptor = new();
        SaeaListenSocket listener = await bed.InLoopAsync(() =>
        {
            SaeaListenSocket made = new(bed.Transport, listening, acceptor);
            made.Accept();
            return made;
        });
        await Eventually.EqualsAsync(1, () => acceptor.Count, "the early client is accepted");
        using Socket late = Connect(listening);
        await Eventually.EqualsAsync(2, () => acceptor.Count, "the late client is accepted");
        Assert.Equal([1, 1], acceptor.Options());
        await bed.InLoopAsync(listener.Close);
    }

    [Fact]
    public async Task Connected_AlsoWithARecycledSocket_HasIt()
    {
        await using SaeaBed bed = new();
        FieldInfo field = typeof(SaeaStream).GetField("_socket", BindingFlags.Instance | BindingFlags.NonPublic)!;
        for (int round = 0; round < 2; round++)
        {
            (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
            using (peer)
            {
                Assert.Equal(1, await bed.InLoopAsync(() => OptionOf((Socket)field.GetValue(stream)!)));
                // The connection before this one has left an urgent byte behind; the next one's stream begins anew.
                peer.Send("!"u8, SocketFlags.OutOfBand);
                peer.Shutdown(SocketShutdown.Send);
                byte[] got = new byte[8];
                await bed.WaitReadableAsync(stream);
                Assert.Equal((1, (byte)'!'), (await bed.InLoopAsync(() => stream.Receive(got).Bytes), got[0]));
                await bed.WaitReadableAsync(stream);
                Assert.Equal(0, await bed.InLoopAsync(() => stream.Receive(got).Bytes));
                await bed.InLoopAsync(() => stream.Close(reset: false));
                while (await peer.ReceiveAsync(got) > 0)
                {
                }
            }
            Assert.Equal(1, await bed.InLoopAsync(() => bed.Transport.Recycled.Count));
        }
        await bed.AssertDrainedAsync();
    }

    /// <summary>A socket may rest only when its stream has really ended: a splice's word for it is not enough.</summary>
    [Fact]
    public async Task Splice_AtTheMark_SaysTheEndAndTheSocketDoesNotRest()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            peer.Send("!"u8, SocketFlags.OutOfBand);
            peer.Shutdown(SocketShutdown.Send);
            await Eventually.HoldsAsync(() => bed.InLoopAsync(stream.IsEnded), "the end has come");
            IoResult moved = await bed.InLoopAsync(() =>
            {
                StreamPipe pipe = bed.Transport.Pipes.Take();
                IoResult result = stream.SpliceTo(pipe, 1000);
                bed.Transport.Pipes.Return(pipe);
                return result;
            });
            Assert.Equal(0, moved.Bytes);
            await bed.InLoopAsync(() => stream.Close(reset: false));
            Assert.Equal(0, await bed.InLoopAsync(() => bed.Transport.Recycled.Count));
        }
        await bed.AssertDrainedAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IsEnded_BehindUnreadBytes_SaysWhatThePeerDid(bool reset)
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            peer.Send("hello"u8);
            Assert.Equal(SocketError.Success, await bed.WaitReadableAsync(stream));
            Assert.False(await bed.InLoopAsync(stream.IsEnded));
            if (reset)
            {
                peer.LingerState = new LingerOption(true, 0);
                peer.Dispose();
            }
            else
            {
                peer.Shutdown(SocketShutdown.Send);
            }
            await Eventually.HoldsAsync(() => bed.InLoopAsync(stream.IsEnded), "the end is seen");
            Assert.Equal(reset, await bed.InLoopAsync(stream.IsReset));
            await bed.InLoopAsync(() => stream.Close(reset: true));
        }
        await bed.AssertDrainedAsync();
    }

    private static Socket Connect(Socket listening)
    {
        Socket client = new(listening.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(listening.LocalEndPoint!);
        return client;
    }

    private static int OptionOf(Socket socket) => (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.OutOfBandInline)!;

    /// <summary>Keeps what is accepted.</summary>
    private sealed class Acceptor : IAcceptOwner
    {
        private readonly List<Socket> _accepted = [];

        public int Count
        {
            get
            {
                lock (_accepted) return _accepted.Count;
            }
        }

        public int[] Options()
        {
            lock (_accepted)
            {
                int[] options = [.. _accepted.Select(OptionOf)];
                foreach (Socket socket in _accepted) socket.Dispose();
                return options;
            }
        }

        public bool OnAccepted(in AcceptedConnection connection)
        {
            FieldInfo socket = typeof(SaeaStream).GetField("_socket", BindingFlags.Instance | BindingFlags.NonPublic)!;
            lock (_accepted) _accepted.Add((Socket)socket.GetValue(connection.Stream)!);
            return true;
        }

        public bool OnAcceptFailed(SocketError error) => false;

        public void OnFault(Exception fault) => throw fault;
    }
}
