using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>
/// A new process that is told to end while it takes over, in no moment of which it has to wait: then the old one continues. Each test owns
/// its sockets.
/// </summary>
public sealed class TakeOverStopTests : IDisposable
{
    private readonly TempFolder _folder = new("stop");
    private readonly Socket _listener = ChannelPair.Listen();
    private readonly FakeHandOver _old;
    private readonly string _path;
    private readonly int _stop = TakeOverNative.NewEvent();

    public TakeOverStopTests()
    {
        _path = TakeOverServer.PathFor(_folder["s"]);
        _old = new FakeHandOver([new("127.0.0.1:25", [(int)_listener.Handle])], []);
    }

    public void Dispose()
    {
        NativeDescriptor.Close(_stop);
        _listener.Dispose();
        _folder.Dispose();
    }

    /// <summary>
    /// As where the machine gives no thread: the process continues without a take-over, and another one must find the path free.
    /// </summary>
    [Fact]
    public void Server_ThreadCannotBeStarted_LeavesThePath()
    {
        BindException thrown = Assert.Throws<BindException>(
            () => TakeOverServer.Start(_path, _old, _old.Log, null, null, _ => throw new OutOfMemoryException("no thread")));

        Assert.Equal($"take-over {_path}: no thread can be started (no thread)", thrown.Message);
        Assert.False(File.Exists(_path));
        using TakeOverServer next = TakeOverServer.Start(_path, _old, _old.Log);
    }

    /// <summary>As by a SIGTERM during its start.</summary>
    [Fact]
    public async Task NewProcess_ToldToEndBeforeItConfirms_OldOneGoesOn()
    {
        using TakeOverServer server = TakeOverServer.Start(_path, _old, _old.Log);
        using (TakeOverClient client = TakeOverClient.Connect(_path, _stop)!)
        {
            ListenerDuplicates.Close(client.Listeners);
            TakeOverNative.Raise(_stop);

            Assert.Equal(HandOverAnswer.Undecided, await Task.Run(() => client.Confirm(() => { })));
        }
        await Eventually.EqualsAsync(1, () => _old.Withdrawn, "the old one continues");
        Assert.Null(_old.ReleasedTo);
    }

    /// <summary>Each answer is there before it is waited for, so that no wait tells.</summary>
    [Fact]
    public async Task NewProcess_ToldToEndAndNothingToWaitFor_SaysThatItEnds()
    {
        using Socket waits = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        waits.Bind(new UnixDomainSocketEndPoint(_path));
        waits.Listen();
        Task<DescriptorChannel> giving = Task.Run(() => new DescriptorChannel(waits.Accept()));
        Task<TakeOverClient> connecting = Task.Run(() => TakeOverClient.Connect(_path, _stop)!);
        using DescriptorChannel old = await giving;
        TakeOverDocument document = new(TakeOverDocument.Current, "1", Environment.ProcessId, [], []) { Steps = HandOverStep.All.Length };
        old.SendDocument(document.ToBytes(), ChannelPair.Patient);
        using TakeOverClient client = await connecting;
        foreach (byte step in HandOverStep.All.ToArray()) old.SendByte(step, ChannelPair.Patient);
        TakeOverNative.Raise(_stop);

        Assert.Equal(HandOverAnswer.Undecided, await Task.Run(() => client.Confirm(() => { })));

        Assert.Equal(HandOverStep.Ending, old.ReceiveByte(ChannelPair.Patient));
    }
}
