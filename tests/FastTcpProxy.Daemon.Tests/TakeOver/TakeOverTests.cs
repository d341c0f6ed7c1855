using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <summary>Both sides of a take-over against each other, and against those who hang, die or lie. Each test owns its sockets.</summary>
public sealed partial class TakeOverTests : IDisposable
{
    private static readonly TakeOverLimits Hasty = new()
    {
        TransferTime = TimeSpan.FromMilliseconds(200),
        StartTime = TimeSpan.FromMilliseconds(200),
        StepTime = TimeSpan.FromMilliseconds(200),
        SilenceTime = TimeSpan.FromMilliseconds(200),
        EndTime = TimeSpan.FromMilliseconds(200),
    };

    private static readonly FileIdentity AdminFile = new(true, 1, 2, 3, 4);

    private readonly TempFolder _folder = new("take");
    private readonly Socket _listener = ChannelPair.Listen();
    private readonly Socket _admin = ChannelPair.Listen();
    private readonly FakeHandOver _old;
    private readonly string _path;

    public TakeOverTests()
    {
        _path = TakeOverServer.PathFor(_folder["s"]);
        int listener = (int)_listener.Handle;
        _old = new FakeHandOver([new("127.0.0.1:25", [listener, listener])],
            [new("unix:/run/a", [(int)_admin.Handle]) { File = AdminFile }]);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _admin.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Confirm_OldProcessLetsGo_AndItsPathIsFree()
    {
        using TakeOverServer server = Serve();
        bool servedAtRelease = false;
        _old.BeforeRelease = () => servedAtRelease = File.Exists(_path);

        using (TakeOverClient client = TakeOverClient.Connect(_path)!)
        {
            Assert.Equal(("0.1.0", Environment.ProcessId), (client.Version, client.ProcessId));
            Assert.Equal([("127.0.0.1:25", 2)], client.Listeners.Select(l => (l.Address, l.Descriptors.Length)));
            Assert.Equal([("unix:/run/a", 1, AdminFile)], client.Admin.Select(l => (l.Address, l.Descriptors.Length, l.File!.Value)));
            Assert.All(client.Listeners[0].Descriptors, fd => Assert.Equal(OpenFiles.Identify(_listener), OpenFiles.Identify(fd)));
            Assert.Equal(OpenFiles.Identify(_admin), OpenFiles.Identify(client.Admin[0].Descriptors[0]));
            Assert.Null(_old.ReleasedTo);

            Assert.Equal(HandOverAnswer.Released, await ConfirmAsync(client));

            ListenerDuplicates.Close(client.Listeners);
            ListenerDuplicates.Close(client.Admin);
        }
        // When it has seen that the new one has heard its answer.
        await Eventually.EqualsAsync(Environment.ProcessId, () => _old.ReleasedTo ?? 0, "the old one lets go");
        Assert.True(servedAtRelease);
        Assert.False(File.Exists(_path));
        using TakeOverServer next = Serve();
        AssertNothingLeaks();
    }

    [Fact]
    public async Task Client_DiesBeforeTheByte_OldProcessGoesOnAndServesTheNext()
    {
        using TakeOverServer server = Serve();
        using (TakeOverClient first = TakeOverClient.Connect(_path)!) Close(first);
        await Eventually.HoldsAsync(() => _old.HasLogged(" warning 7002 ") && _old.HasLogged("it exited before it served"), "it says so");
        await Eventually.EqualsAsync(1, () => _old.Withdrawn, "the offer is withdrawn");
        Assert.Null(_old.ReleasedTo);

        await TakeOverAsync();
        AssertNothingLeaks();
    }

    [Fact]
    public async Task Client_Hangs_OldProcessGoesOnAndServesTheNext()
    {
        using TakeOverServer server = Serve(Hasty);
        using TakeOverClient hung = TakeOverClient.Connect(_path)!;
        Close(hung);
        await Eventually.HoldsAsync(() => _old.HasLogged("did not continue in time"), "it says so");
        Assert.Null(_old.ReleasedTo);

        Assert.Equal(HandOverAnswer.StillServing, await ConfirmAsync(hung));

        Assert.Null(_old.ReleasedTo);
        await TakeOverAsync();
        AssertNothingLeaks();
    }

    [Fact]
    public async Task Client_SendsRubbish_OldProcessGoesOn()
    {
        using TakeOverServer server = Serve();
        using Socket client = Connect();
        client.Send("GET / HTTP/1.1\r\n"u8);

        await Eventually.HoldsAsync(() => _old.HasLogged("it exited before it served"), "it says so");

        Assert.Null(_old.ReleasedTo);
        await TakeOverAsync();
        AssertNothingLeaks();
    }

    /// <summary>The old process was stopped for so long that the new one gave up: the byte is there, and no one behind it.</summary>
    [Fact]
    public async Task Client_DiesAfterTheByte_BeforeItIsRead_OldProcessGoesOn()
    {
        using ManualResetEventSlim mayOffer = new();
        _old.BeforeOffer = () => mayOffer.Wait(Deadline.Patient);
        using TakeOverServer server = Serve();
        using (Socket client = Connect())
        {
            client.Send([HandOverStep.Serving]);
            // Half: the server can still send what it has.
            client.Shutdown(SocketShutdown.Send);
            mayOffer.Set();
            await Eventually.HoldsAsync(() => _old.HasLogged("it served and exited while this process was held up"), "it says so");
        }

        Assert.Null(_old.ReleasedTo);
    }

    [Fact]
    public async Task Client_Second_WaitsForTheFirst()
    {
        using TakeOverServer server = Serve();
        TakeOverClient first = TakeOverClient.Connect(_path)!;
        Close(first);
        Task<TakeOverClient?> second =
            Task.Run(() => TakeOverClient.Connect(_path, limits: new TakeOverLimits { TransferTime = Deadline.Patient }));
        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(100)));

        first.Dispose();

        using TakeOverClient client = (await second)!;
        Close(client);
    }

    [Fact]
    public async Task OldProcess_CannotOffer_TellsTheNewOneWhy()
    {
        _old.BeforeOffer = () => throw new TakeOverException("it rests");
        using TakeOverServer server = Serve();

        TakeOverException e = Assert.Throws<TakeOverException>(
            () => TakeOverClient.Connect(_path, limits: new TakeOverLimits { EndTime = Deadline.Patient }));

        Assert.Equal($"{_path}: the running process, {Environment.ProcessId}, passes no sockets: it rests", e.Message);
        await Eventually.HoldsAsync(() => _old.HasLogged("failed, this process continues: it rests"), "it says so");
    }

    [Fact]
    public async Task OldProcess_HasADefect_GoesOnAndTheNewOneHearsSo()
    {
        _old.BeforeRelease = () => throw new InvalidOperationException("defect");
        using TakeOverServer server = Serve();
        using TakeOverClient client = TakeOverClient.Connect(_path)!;
        Close(client);

        Assert.Equal(HandOverAnswer.StillServing, await ConfirmAsync(client));

        Assert.True(_old.HasLogged(" error 7003 "));
    }

    [Fact]
    public async Task OldProcess_ListensNoMoreBeforeItAnswers_HasLeft()
    {
        TakeOverServer server = Serve();
        using TakeOverClient client = TakeOverClient.Connect(_path)!;
        Close(client);

        server.Dispose();

        Assert.Equal(HandOverAnswer.Left, await ConfirmAsync(client));
    }

    [Fact]
    public async Task OldProcess_Hangs_ClientGivesUp()
    {
        using Socket hung = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hung.Bind(new UnixDomainSocketEndPoint(_path));
        hung.Listen();

        TakeOverException e =
            await Assert.ThrowsAsync<TakeOverException>(() => Task.Run(() => TakeOverClient.Connect(_path, limits: Hasty)));

        Assert.Equal($"{_path}: the other process did not continue in time", e.Message);
    }

    private TakeOverServer Serve(TakeOverLimits? limits = null) => TakeOverServer.Start(_path, _old, _old.Log, limits);

    private static Task<HandOverAnswer> ConfirmAsync(TakeOverClient client) => Task.Run(() => client.Confirm(() => { }));

    private Socket Connect()
    {
        Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(_path));
        return client;
    }

    private async Task TakeOverAsync()
    {
        using TakeOverClient client = (await Task.Run(() => TakeOverClient.Connect(_path)))!;
        Close(client);
        Assert.Equal(HandOverAnswer.Released, await ConfirmAsync(client));
        // When it has seen that the new one has heard its answer.
        await Eventually.EqualsAsync(Environment.ProcessId, () => _old.ReleasedTo ?? 0, "the old one lets go");
    }

    private static void Close(TakeOverClient client)
    {
        ListenerDuplicates.Close(client.Listeners);
        ListenerDuplicates.Close(client.Admin);
    }

    private void AssertNothingLeaks()
    {
        Assert.Equal(1, OpenFiles.Count(OpenFiles.Identify(_listener)));
        Assert.Equal(1, OpenFiles.Count(OpenFiles.Identify(_admin)));
    }
}
