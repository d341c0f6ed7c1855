using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.TestBed;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>
/// The steps after the transfer, one side real and the other the test, which stops at each of them. Each test owns its sockets.
/// </summary>
public sealed partial class TakeOverStepTests : IDisposable
{
    private static readonly TakeOverLimits Hasty = new()
    {
        StepTime = TimeSpan.FromMilliseconds(300), SilenceTime = TimeSpan.FromMilliseconds(100), EndTime = TimeSpan.FromMilliseconds(100),
    };

    private readonly TempFolder _folder = new("step");
    private readonly Socket _listener = ChannelPair.Listen();
    private readonly FakeHandOver _old;
    private readonly string _path;

    public TakeOverStepTests()
    {
        _path = TakeOverServer.PathFor(_folder["s"]);
        _old = new FakeHandOver([new("127.0.0.1:25", [(int)_listener.Handle])], []);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    /// <summary>Whatever it has said, it is not there any more: the old one listens, at its path too, and serves the next one.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    public async Task NewProcess_EndsOrHangsAfterAStep_OldOneTakesBack(int steps, bool ends)
    {
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log, Hasty);
        using (DescriptorChannel next = await TransferAsync())
        {
            Converse(next, HandOverStep.All[..steps]);
            Assert.Equal(steps == 2, _old.IsReleased);
            if (ends) next.Dispose();
            else Assert.Equal(HandOverStep.GoingOn, next.ReceiveByte(ChannelPair.Patient));
        }
        await Eventually.EqualsAsync(1, () => _old.Withdrawn, "the old one takes back");
        Assert.False(_old.IsReleased);
        Assert.Null(_old.ReleasedTo);

        using TakeOverClient client = TakeOverClient.Connect(_path)!;
        ListenerDuplicates.Close(client.Listeners);
        Assert.Equal(HandOverAnswer.Released, await Task.Run(() => client.Confirm(() => { })));
    }

    /// <summary>
    /// A connection that is closed says nothing of a process that is there and has confirmed: it has seen that the old one left its path.
    /// Tried often, since the old one mostly has said its last word by then.
    /// </summary>
    [Fact]
    public async Task NewProcess_ClosesWhenItHasConfirmed_OldOneLetsGo()
    {
        for (int round = 0; round < 50; round++)
        {
            FakeHandOver old = new([new("127.0.0.1:25", [(int)_listener.Handle])], []);
            using TakeOverServer server = TakeOverServer.Start(_path, old, old.Log, Hasty);
            using (DescriptorChannel next = await TransferAsync())
            {
                Converse(next, HandOverStep.All[..2]);
                next.SendByte(HandOverStep.Confirm, ChannelPair.Patient);
            }
            await Eventually.HoldsAsync(() => old.ReleasedTo is not null || old.Withdrawn > 0, "it is decided");
            Assert.Equal((Environment.ProcessId, 0), (old.ReleasedTo ?? 0, old.Withdrawn));
        }
    }

    /// <summary>
    /// It ends, however long that takes it: the old one serves. It may say so before the old one has answered, and after.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NewProcess_EndsWhenItHasConfirmed_OldOneTakesBackAndHasItsPathAgain(bool hearsLast)
    {
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log, Hasty);
        using (DescriptorChannel next = await TransferAsync())
        {
            Converse(next, HandOverStep.All[..2]);
            next.SendByte(HandOverStep.Confirm, ChannelPair.Patient);
            if (hearsLast) Assert.Equal(HandOverStep.Confirm, next.ReceiveByte(ChannelPair.Patient));
            next.SendByte(HandOverStep.Ending, ChannelPair.Patient);
        }
        await Eventually.EqualsAsync(1, () => _old.Withdrawn, "the old one takes back");
        Assert.Null(_old.ReleasedTo);
        await ServedSocket.AwaitAsync(_path, "it waits for the next");
    }

    /// <summary>
    /// The old one leaves its path, is there, and closes without a word: the new one continues, and does not say that the old one has
    /// ended.
    /// </summary>
    [Theory]
    [InlineData(true, HandOverAnswer.Left)]
    [InlineData(false, HandOverAnswer.StillServing)]
    public async Task OldProcess_ClosesInsteadOfTheLastWord_ItsPathTellsWhoServes(bool leaves, object expected)
    {
        using Socket waits = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        waits.Bind(new UnixDomainSocketEndPoint(_path));
        waits.Listen();
        Task<DescriptorChannel> giving = Task.Run(() => Give(waits));
        using TakeOverClient client = await Task.Run(() => TakeOverClient.Connect(_path, limits: Hasty)!);
        using (DescriptorChannel old = await giving)
        {
            Task<HandOverAnswer> confirming = Task.Run(() => client.Confirm(() => { }));
            foreach (byte step in HandOverStep.All.ToArray())
            {
                Assert.Equal(step, old.ReceiveByte(ChannelPair.Patient));
                if (step != HandOverStep.Confirm) old.SendByte(step, ChannelPair.Patient);
            }
            if (leaves) waits.Dispose();
            old.Dispose();
            Assert.Equal((HandOverAnswer)expected, await confirming);
        }
    }

    /// <summary>The old one has heard that it may let go: it is told that this process ends all the same.</summary>
    [Fact]
    public async Task NewProcess_ToldToEndWhenItHasConfirmed_SaysSo()
    {
        using Socket waits = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        waits.Bind(new UnixDomainSocketEndPoint(_path));
        waits.Listen();
        Task<DescriptorChannel> giving = Task.Run(() => Give(waits));
        int stop = TakeOverNative.NewEvent();
        using TakeOverClient client = await Task.Run(() => TakeOverClient.Connect(_path, stop, Hasty)!);
        using DescriptorChannel old = await giving;
        Task<HandOverAnswer> confirming = Task.Run(() => client.Confirm(() => { }));
        foreach (byte step in HandOverStep.All.ToArray())
        {
            Assert.Equal(step, old.ReceiveByte(ChannelPair.Patient));
            if (step != HandOverStep.Confirm) old.SendByte(step, ChannelPair.Patient);
        }

        TakeOverNative.Raise(stop);

        Assert.Equal(HandOverAnswer.Undecided, await confirming);
        Assert.Equal(HandOverStep.Ending, old.ReceiveByte(ChannelPair.Patient));
        NativeDescriptor.Close(stop);
    }

    [Fact]
    public async Task NewProcess_OfAnEarlierVersion_IsUnderstood()
    {
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log, Hasty);
        using (DescriptorChannel next = await TransferAsync())
        {
            next.SendByte(HandOverStep.Serving, ChannelPair.Patient);
            Assert.Equal(HandOverStep.Serving, next.ReceiveByte(ChannelPair.Patient));
            Assert.False(File.Exists(_path));
        }
        await Eventually.EqualsAsync(Environment.ProcessId, () => _old.ReleasedTo ?? 0, "it lets go");
        Assert.Equal(0, _old.Withdrawn);
    }

    /// <summary>It has ended by then though it has confirmed: the kernel says so, and the connection alone does not.</summary>
    [Fact]
    public async Task NewProcess_DeadWhenTheConnectionEnds_OldOneTakesBackAndHasItsPathAgain()
    {
        const string Script = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
            n = int.from_bytes(s.recv(4, socket.MSG_WAITALL), "big"); s.recv(n, socket.MSG_WAITALL); s.recv(1)
            for step in (2, 3, 4):
                s.send(bytes([step])); s.recv(1)
            os.kill(os.getpid(), 9)
            """;
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log);
        using ChildProcess next = ChildProcess.Start("/usr/bin/python3", ["-c", Script, _path]);

        await Eventually.HoldsAsync(() => _old.Withdrawn == 1, "the old one takes back", detail: next.Error.ToString);

        Assert.Null(_old.ReleasedTo);
        await ServedSocket.AwaitAsync(_path, "it waits for the next");
    }

    [Theory]
    [InlineData(true, HandOverAnswer.StillServing)]
    [InlineData(false, HandOverAnswer.Left)]
    public async Task OldProcess_TakesBack_SaysWhetherItListens(bool listens, object expected)
    {
        _old.Listens = listens;
        _old.BeforeRelease = () => throw new TakeOverException("the configuration was reloaded");
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log);
        using TakeOverClient client = TakeOverClient.Connect(_path)!;
        ListenerDuplicates.Close(client.Listeners);

        Assert.Equal((HandOverAnswer)expected, await Task.Run(() => client.Confirm(() => { })));
    }

    /// <summary>
    /// Held for longer than any bound: the new one serves meanwhile, says so once, and takes over when the old one continues.
    /// </summary>
    [Fact]
    public async Task OldProcess_HeldBeforeItAnswers_NewOneWaits()
    {
        using ManualResetEventSlim held = new();
        _old.BeforeRelease = () => held.Wait(Deadline.Patient);
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log);
        using TakeOverClient client = TakeOverClient.Connect(_path, limits: Hasty)!;
        ListenerDuplicates.Close(client.Listeners);
        int silent = 0;
        Task<HandOverAnswer> confirming = Task.Run(() => client.Confirm(() => Interlocked.Increment(ref silent)));
        await Eventually.EqualsAsync(1, () => Volatile.Read(ref silent), "it says that it waits");
        Assert.False(confirming.IsCompleted);

        held.Set();

        Assert.Equal(HandOverAnswer.Released, await confirming);
        Assert.Equal(1, silent);
    }

    [Fact]
    public async Task NewProcess_ToldToEndWhileItWaits_Ends()
    {
        using ManualResetEventSlim held = new();
        _old.BeforeRelease = () => held.Wait(Deadline.Patient);
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log);
        int stop = TakeOverNative.NewEvent();
        using (TakeOverClient client = TakeOverClient.Connect(_path, stop)!)
        {
            ListenerDuplicates.Close(client.Listeners);
            Task<HandOverAnswer> confirming = Task.Run(() => client.Confirm(() => { }));

            TakeOverNative.Raise(stop);

            Assert.Equal(HandOverAnswer.Undecided, await confirming);
        }
        held.Set();
        await Eventually.EqualsAsync(1, () => _old.Withdrawn, "the old one continues");
        NativeDescriptor.Close(stop);
    }

    /// <summary>The new side of these steps.</summary>
    private static void Converse(DescriptorChannel next, ReadOnlySpan<byte> steps)
    {
        foreach (byte step in steps)
        {
            next.SendByte(step, ChannelPair.Patient);
            Assert.Equal(step, next.ReceiveByte(ChannelPair.Patient));
        }
    }

    /// <summary>Gives nothing to a process that connects, as a process of this version that has no listener.</summary>
    private static DescriptorChannel Give(Socket waits)
    {
        DescriptorChannel channel = new(waits.Accept());
        TakeOverDocument document = new(TakeOverDocument.Current, "1", Environment.ProcessId, [], []) { Steps = HandOverStep.All.Length };
        channel.SendDocument(document.ToBytes(), ChannelPair.Patient);
        return channel;
    }

    /// <summary>Takes what the old process gives, as a program of any version does.</summary>
    private Task<DescriptorChannel> TransferAsync() => Task.Run(() =>
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_path));
        DescriptorChannel channel = new(socket);
        TakeOverDocument document = TakeOverDocument.Parse(channel.ReceiveDocument(ChannelPair.Patient));
        channel.ReceiveDescriptors(document.DescriptorsCount, ChannelPair.Patient).Dispose();
        return channel;
    });
}
