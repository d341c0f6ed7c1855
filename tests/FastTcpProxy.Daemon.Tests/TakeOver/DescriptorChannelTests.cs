using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>Documents and descriptors over a real socket: whole or not at all, within a bound, and none left open.</summary>
public sealed class DescriptorChannelTests
{
    [Fact]
    public async Task Descriptor_Arrives_IsTheSocketAndAccepts()
    {
        using ChannelPair pair = new();
        Socket listener = ChannelPair.Listen();
        System.Net.EndPoint address = listener.LocalEndPoint!;
        pair.Mine.SendDescriptors([(int)listener.Handle], ChannelPair.Patient);
        // The descriptor in the message keeps the socket alive.
        listener.Dispose();

        using ReceivedDescriptors received = pair.Other.ReceiveDescriptors(1, ChannelPair.Patient);
        int fd = Assert.Single(received.Take(1));
        Assert.True(OpenFiles.IsKeptFromChildren(fd));
        using Socket same = new(new SafeSocketHandle(fd, ownsHandle: true));
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(address);
        using Socket accepted = await same.AcceptAsync();

        Assert.Equal(client.LocalEndPoint, accepted.RemoteEndPoint);
    }

    /// <summary>The kernel takes 253 in a message.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(252)]
    [InlineData(253)]
    [InlineData(254)]
    [InlineData(1000)]
    public async Task Descriptors_OfSeveralBatches_ArriveInOrderAndAreClosedWhenNotTaken(int count)
    {
        using ChannelPair pair = new();
        Socket[] listeners = [ChannelPair.Listen(), ChannelPair.Listen(), ChannelPair.Listen()];
        string[] files = [.. listeners.Select(OpenFiles.Identify)];
        int[] sent = [.. Enumerable.Range(0, count).Select(i => (int)listeners[i * i % 3].Handle)];
        Task sending = Task.Run(() => pair.Mine.SendDescriptors(sent, ChannelPair.Patient));

        using (ReceivedDescriptors received = pair.Other.ReceiveDescriptors(count, ChannelPair.Patient))
        {
            await sending;
            ImmutableArray<int> taken = received.Take(count / 2);
            Assert.Equal(sent.Take(count / 2).Select(fd => OpenFiles.Identify(fd)), taken.Select(fd => OpenFiles.Identify(fd)));
            Assert.Equal(count + 3, files.Sum(OpenFiles.Count));
            foreach (int fd in taken) NativeDescriptor.Close(fd);
        }

        Assert.All(files, file => Assert.Equal(1, OpenFiles.Count(file)));
        foreach (Socket listener in listeners) listener.Dispose();
    }

    [Fact]
    public void Descriptors_MoreThanExpected_AreAnErrorAndAllClosed()
    {
        using ChannelPair pair = new();
        using Socket listener = ChannelPair.Listen();
        string file = OpenFiles.Identify(listener);
        int fd = (int)listener.Handle;
        pair.Mine.SendDescriptors([fd, fd, fd], ChannelPair.Patient);

        TakeOverException e = Assert.Throws<TakeOverException>(() => pair.Other.ReceiveDescriptors(2, ChannelPair.Patient));

        Assert.Contains("only 2 of the descriptors", e.Message);
        Assert.Equal(1, OpenFiles.Count(file));
    }

    [Fact]
    public void Descriptors_FewerThanExpected_AreAnErrorAndAllClosed()
    {
        using ChannelPair pair = new();
        using Socket listener = ChannelPair.Listen();
        string file = OpenFiles.Identify(listener);
        int fd = (int)listener.Handle;
        pair.Mine.SendDescriptors([fd, fd], ChannelPair.Patient);

        Assert.Throws<TakeOverException>(() => pair.Other.ReceiveDescriptors(3, ChannelPair.Patient));

        Assert.Equal(1, OpenFiles.Count(file));
    }

    [Fact]
    public void Descriptors_PeerDiesBetweenBatches_ThoseOfTheFirstAreClosed()
    {
        using ChannelPair pair = new();
        using Socket listener = ChannelPair.Listen();
        string file = OpenFiles.Identify(listener);
        pair.Mine.SendDescriptors([.. Enumerable.Repeat((int)listener.Handle, TakeOverLimits.BatchMax)], ChannelPair.Patient);
        pair.Mine.Dispose();

        TakeOverException e =
            Assert.Throws<TakeOverException>(() => pair.Other.ReceiveDescriptors(TakeOverLimits.BatchMax + 1, ChannelPair.Patient));

        Assert.Equal("the other process closed the connection", e.Message);
        Assert.Equal(1, OpenFiles.Count(file));
    }

    /// <summary>No one made room for them, so the kernel closes them.</summary>
    [Fact]
    public void Descriptors_WithADocument_AreNotTaken()
    {
        using ChannelPair pair = new();
        using Socket listener = ChannelPair.Listen();
        pair.Mine.SendDescriptors([(int)listener.Handle], ChannelPair.Patient);

        Assert.NotNull(pair.Other.ReceiveByte(ChannelPair.Patient));

        Assert.Equal(1, OpenFiles.Count(OpenFiles.Identify(listener)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(TakeOverLimits.DocumentBytesMax)]
    public async Task Document_Arrives(int length)
    {
        using ChannelPair pair = new();
        byte[] document = new byte[length];
        new Random(1).NextBytes(document);
        Task sending = Task.Run(() => pair.Mine.SendDocument(document, ChannelPair.Patient));

        Assert.Equal(document, pair.Other.ReceiveDocument(ChannelPair.Patient));
        await sending;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(TakeOverLimits.DocumentBytesMax + 1)]
    [InlineData(0x47455420)]
    public void Document_OfAnotherLength_IsAnErrorBeforeItIsRead(int length)
    {
        using ChannelPair pair = new();
        byte[] prefix = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(prefix, length);
        pair.Plain.Send(prefix);

        TakeOverException e = Assert.Throws<TakeOverException>(() => pair.Mine.ReceiveDocument(ChannelPair.Patient));

        Assert.Contains($"is {length}, expected 1 to 1048576", e.Message);
    }

    [Fact]
    public void Document_CutOff_IsAnError()
    {
        using ChannelPair pair = new();
        pair.Plain.Send([0, 0, 0, 5, 1, 2]);
        pair.Other.Dispose();

        Assert.Throws<TakeOverException>(() => pair.Mine.ReceiveDocument(ChannelPair.Patient));
    }

    [Fact]
    public async Task Document_DripByDrip_EndsWithTheBound()
    {
        using ChannelPair pair = new();
        pair.Plain.Send([0, 0, 4, 0]);
        using CancellationTokenSource stop = new();
        Task dripping = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                pair.Plain.Send([0]);
                await Task.Delay(20);
            }
        });
        long began = Stopwatch.GetTimestamp();

        TakeOverException e = Assert.Throws<TakeOverException>(() => pair.Mine.ReceiveDocument(ChannelPair.Short));

        Assert.Equal("the other process did not continue in time", e.Message);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0.15, 10);
        await stop.CancelAsync();
        await dripping;
    }

    [Fact]
    public void Send_ToOneWhoDoesNotRead_EndsWithTheBound()
    {
        using ChannelPair pair = new();

        Assert.Throws<TakeOverException>(() => pair.Mine.SendDocument(new byte[TakeOverLimits.DocumentBytesMax], ChannelPair.Short));
    }

    [Fact]
    public async Task Stop_EndsAWait()
    {
        int stop = TakeOverNative.NewEvent();
        using ChannelPair pair = new(stop);
        Task<TakeOverException> waiting =
            Task.Run(() => Assert.Throws<TakeOverException>(() => pair.Mine.ReceiveByte(ChannelPair.Patient)));

        TakeOverNative.Raise(stop);

        Assert.Equal("this process ends", (await waiting).Message);
        NativeDescriptor.Close(stop);
    }

    [Fact]
    public void Peer_IsThisProcess()
    {
        using ChannelPair pair = new();

        Assert.Equal((Environment.ProcessId, FileOwner.Self), (pair.Other.Peer.Pid, pair.Other.Peer.Uid));
    }

    [Fact]
    public void HasEnded_TellsAClosedPeer()
    {
        using ChannelPair pair = new();
        Assert.False(pair.Mine.HasEnded);

        pair.Other.Dispose();

        Assert.True(pair.Mine.HasEnded);
    }
}
