using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>
/// Urgent bytes (MSG_OOB, send(2)) on real sockets: they are bytes of the stream, whichever way they go and whether it is copied or
/// spliced, and the bytes behind them and the end arrive after them.
/// </summary>
[Collection(SocketCollection.Name)]
public sealed class UrgentDataTests
{
    private const int Before = 24 << 20;
    private const int After = 1 << 20;

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Bulk_UrgentByteInTheMiddle_AllArrivesBeforeTheEnd(bool up, bool unixUpstream)
    {
        using TempFolder folder = new("urgent");
        using Socket listener = unixUpstream ? ListenUnix(folder["up"]) : Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        for (int round = 0; round < 3; round++)
        {
            using TestClient client = await bed.ConnectAsync();
            using Socket upstream = await AcceptAsync(listener);
            (Socket sender, Socket receiver) = up ? (client.Socket, upstream) : (upstream, client.Socket);
            Task<string> sent = Run(() => Send(sender));
            (long bytes, string hash) = await Run(() => ReceiveToEnd(receiver));
            Assert.Equal((Before + 1 + After, await sent), (bytes, hash));
            receiver.Shutdown(SocketShutdown.Send);
            Assert.Equal(up ? "client.relay.ended" : "upstream.relay.ended", (await bed.NextRecordAsync()).Reason.ToString());
        }
        Assert.True(bed.Engine.Metrics.ReadLoops().BytesSpliced > Before);
    }

    /// <summary>The sender continues after the mark and does not end: nothing else wakes the direction.</summary>
    [Fact]
    public async Task Bulk_UrgentBytesAndNoEnd_GoesOnBehindEach()
    {
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!]);
        using TestClient client = await bed.ConnectAsync();
        using Socket upstream = await AcceptAsync(listener);
        byte[] piece = new byte[4 << 20];
        for (int round = 0; round < 8; round++)
        {
            Task send = Run(() =>
            {
                SendAll(client.Socket, piece);
                client.Socket.Send("!"u8, SocketFlags.OutOfBand);
                return true;
            });
            await Run(() => ReadExactly(upstream, piece.Length + 1));
            await send;
        }
    }

    /// <summary>The last byte of a command is urgent. The second session's upstream socket is a recycled one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Command_LastByteIsUrgent_ArrivesWhole(bool unixListener)
    {
        using TempFolder folder = new("urgent");
        using Socket listener = Listen();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [listener.LocalEndPoint!], unixPath: folder["down"]);
        for (int round = 0; round < 2; round++)
        {
            using Socket client = unixListener
                ? new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(unixListener ? new UnixDomainSocketEndPoint(folder["down"]) : bed.EndPoint);
            using Socket upstream = await AcceptAsync(listener);
            client.Send("ABOR\r\n"u8, SocketFlags.OutOfBand);
            Assert.Equal("ABOR\r\n", Encoding.ASCII.GetString(await Run(() => ReadExactly(upstream, 6))));
            upstream.Send("226 "u8, SocketFlags.OutOfBand);
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.OutOfBandInline, true);
            Assert.Equal("226 ", Encoding.ASCII.GetString(await Run(() => ReadExactly(client, 4))));
            upstream.Shutdown(SocketShutdown.Send);
            client.Shutdown(SocketShutdown.Send);
            await bed.NextRecordAsync();
        }
    }

    private static string Send(Socket socket)
    {
        byte[] before = new byte[Before], after = new byte[After];
        new Random(1).NextBytes(before);
        new Random(2).NextBytes(after);
        SendAll(socket, before);
        socket.Send("!"u8, SocketFlags.OutOfBand);
        SendAll(socket, after);
        socket.Shutdown(SocketShutdown.Send);
        return Convert.ToHexString(SHA256.HashData([.. before, (byte)'!', .. after]));
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[socket.Send(bytes[..Math.Min(bytes.Length, 256 << 10)])..];
    }

    private static (long Bytes, string Hash) ReceiveToEnd(Socket socket)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] room = new byte[256 << 10];
        long total = 0;
        while (socket.Receive(room) is > 0 and int count)
        {
            hash.AppendData(room, 0, count);
            total += count;
        }
        return (total, Convert.ToHexString(hash.GetHashAndReset()));
    }

    private static byte[] ReadExactly(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int had = 0; had < count;)
        {
            int got = socket.Receive(bytes.AsSpan(had));
            Assert.NotEqual(0, got);
            had += got;
        }
        return bytes;
    }

    private static Task<T> Run<T>(Func<T> function) =>
        Task.Factory.StartNew(function, CancellationToken.None, TaskCreationOptions.LongRunning,
            TaskScheduler.Default).WaitAsync(Deadline.Patient);

    private static Socket Listen()
    {
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(16);
        return listener;
    }

    private static Socket ListenUnix(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(4);
        return listener;
    }

    private static async Task<Socket> AcceptAsync(Socket listener)
    {
        using CancellationTokenSource end = new(Deadline.Patient);
        return await listener.AcceptAsync(end.Token);
    }
}
