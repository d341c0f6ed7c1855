using System.Net.Sockets;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// A new program that cannot take over ends, and the running one continues: real processes. Each test owns its processes.
/// </summary>
public sealed class TakeOverFailureTests
{
    [Fact]
    public async Task NewProcess_BadConfiguration_EndsAndTheOldOneGoesOn()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        File.WriteAllText(bed.ConfigurationPath, "{ \"services\": [] ");

        Assert.Equal(1, await bed.Launch("--take-over").WaitForExitAsync());

        await AssertGoesOnAsync(bed, old);
    }

    /// <summary>It has the sockets already, and ends before its byte: with everything it was given in its hands.</summary>
    [Fact]
    public async Task NewProcess_AddressInUse_EndsAndTheOldOneGoesOn()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using Socket taken = TakeOver.ChannelPair.Listen();
        bed.Configure(taken.LocalEndPoint!.ToString()!);

        ChildProcess next = bed.Launch("--take-over");

        Assert.Equal(1, await next.WaitForExitAsync());
        await next.Error.WaitForLineAsync(l => l.Contains(" error 1008 cannot start", StringComparison.Ordinal)
            && l.Contains("in use", StringComparison.Ordinal), "it says why");
        await old.Error.WaitForLineAsync(l => l.Contains(" warning 7002 ", StringComparison.Ordinal), "the old one says so");
        await AssertGoesOnAsync(bed, old);
    }

    /// <summary>It listens already when it fails, and has the administrative socket in its hands.</summary>
    [Fact]
    public async Task NewProcess_AdminAddressInUse_EndsAndTheOldOneGoesOn()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        using Socket taken = TakeOver.ChannelPair.Listen();
        string token = bed.Folder.Write("token", new string('t', 32));
        File.SetUnixFileMode(token, UnixFileMode.UserRead);
        bed.Admin = $"\"listen\": [\"{taken.LocalEndPoint}\"], \"tokenFile\": \"{token}\"";
        bed.Configure();

        ChildProcess next = bed.Launch("--take-over");

        Assert.Equal(1, await next.WaitForExitAsync());
        await next.Error.WaitForLineAsync(l => l.Contains("cannot start: admin.listen", StringComparison.Ordinal), "it says why");
        await old.Error.WaitForLineAsync(l => l.Contains(" warning 7002 ", StringComparison.Ordinal), "the old one says so");
        bed.Admin = "";
        await AssertGoesOnAsync(bed, old);
    }

    /// <summary>The test is the new process, so that it ends at this very moment.</summary>
    [Fact]
    public async Task NewProcess_DiesWithTheDescriptors_OldOneGoesOn()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync("--threads", "2");
        string path = TakeOverServer.PathFor(bed.AdminSocket);
        await bed.AwaitsNextAsync();
        int sockets = old.SocketCount;

        using (TakeOverClient client = (await Task.Run(() => TakeOverClient.Connect(path)))!)
        {
            Assert.Equal([(bed.Listen.ToString(), 2), ("unix:" + bed.UnixListen, 1)],
                client.Listeners.Select(l => (l.Address, l.Descriptors.Length)));
            ListenerDuplicates.Close(client.Listeners);
            ListenerDuplicates.Close(client.Admin);
        }

        await old.Error.WaitForLineAsync(l => l.Contains(" warning 7002 ", StringComparison.Ordinal), "it says so");
        await Eventually.EqualsAsync(sockets, () => old.SocketCount, "it has closed what it had duplicated");
        await AssertGoesOnAsync(bed, old);
    }

    /// <summary>
    /// The test is the new process, and has the sockets when the old one is told to end: it is to find their files, and so are clients.
    /// </summary>
    [Fact]
    public async Task OldProcess_EndsWhileAnotherHasItsSockets_LeavesTheirFiles()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        await bed.AwaitsNextAsync();
        using TakeOverClient client = (await Task.Run(() => TakeOverClient.Connect(TakeOverServer.PathFor(bed.AdminSocket))))!;

        Assert.Equal(0, await UpgradeBed.StopAsync(old));

        Assert.Equal(HandOverAnswer.Left, await Task.Run(() => client.Confirm(static () => { })));
        foreach (string path in (string[])[bed.UnixListen, bed.AdminSocket]) Assert.True(UnixSocketFile.IsServed(path), path);
        ListenerDuplicates.Close(client.Listeners);
        ListenerDuplicates.Close(client.Admin);
    }

    /// <summary>
    /// The test is the old process, and continues after all: the new one serves already, and must leave everything as it was.
    /// </summary>
    [Fact]
    public async Task NewProcess_OldOneDoesNotLetGo_EndsAndLeavesEverything()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(bed.Listen);
        tcp.Listen();
        using Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        unix.Bind(new UnixDomainSocketEndPoint(bed.UnixListen));
        unix.Listen();
        using AdminSocket admin = AdminSocket.Bind(bed.AdminSocket);
        TakeOver.FakeHandOver old = new(
            [new(bed.Listen.ToString(), [(int)tcp.Handle]), new("unix:" + bed.UnixListen, [(int)unix.Handle])], [admin.Descriptors])
        {
            BeforeRelease = () => throw new TakeOverException("it was reloaded"),
        };
        using TakeOverServer server = TakeOverServer.Start(TakeOverServer.PathFor(bed.AdminSocket), old, old.Log);

        ChildProcess next = bed.Launch("--take-over");

        Assert.Equal(1, await next.WaitForExitAsync());
        await next.Error.WaitForLineAsync(l => l.Contains(" error 7006 ", StringComparison.Ordinal), "it says why");
        foreach (string path in (string[])[bed.UnixListen, bed.AdminSocket, TakeOverServer.PathFor(bed.AdminSocket)])
            Assert.True(File.Exists(path), path);
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        using Socket accepted = await tcp.AcceptAsync().WaitAsync(Deadline.Patient);
        using TestClient unixClient = await Ends.ConnectUnixAsync(bed.UnixListen);
        using Socket unixAccepted = await unix.AcceptAsync().WaitAsync(Deadline.Patient);
        using TestClient adminClient = await Ends.ConnectUnixAsync(bed.AdminSocket);
        using Socket adminAccepted = await admin.Socket.AcceptAsync().WaitAsync(Deadline.Patient);
        Assert.Equal(client.LocalEndPoint, accepted.RemoteEndPoint);
    }

    /// <summary>
    /// The test is the old process, and continues. The new one has a client still: a reload must not have it listen again beside the other.
    /// </summary>
    [Fact]
    public async Task NewProcess_HangUpWhileItGivesWay_DoesNotListenAgain()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        tcp.Bind(bed.Listen);
        tcp.Listen();
        using AdminSocket admin = AdminSocket.Bind(bed.AdminSocket);
        using ManualResetEventSlim proxied = new();
        TakeOver.FakeHandOver old = new([new(bed.Listen.ToString(), [(int)tcp.Handle])], [admin.Descriptors])
        {
            BeforeRelease = () =>
            {
                proxied.Wait(Deadline.Patient);
                throw new TakeOverException("it was reloaded");
            },
        };
        using TakeOverServer server = TakeOverServer.Start(TakeOverServer.PathFor(bed.AdminSocket), old, old.Log);
        ChildProcess next = await bed.StartAsync("--take-over");
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(client);
        proxied.Set();
        await next.Error.WaitForLineAsync(l => l.Contains(" error 7006 ", StringComparison.Ordinal), "it gives way");

        // Again and again: one that comes before it has given way is obeyed.
        await Eventually.HoldsAsync(() =>
        {
            next.Signal(UnixSignal.Hangup);
            return next.Error.Snapshot().Any(l => l.Contains("this process drains and no longer listens", StringComparison.Ordinal));
        }, "it refuses to reload");

        client.HalfClose();
        await Ends.AssertEndAsync(client);
        Assert.Equal(1, await next.WaitForExitAsync());
        Assert.False(File.Exists(bed.UnixListen));
    }

    /// <summary>A take-over that has come to nothing leaves nothing behind.</summary>
    [Fact]
    public async Task NewProcess_HasComeToNothing_EndOfTheOldOneRemovesTheFilesOfItsSockets()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        await bed.AwaitsNextAsync();
        using (TakeOverClient client = (await Task.Run(() => TakeOverClient.Connect(TakeOverServer.PathFor(bed.AdminSocket))))!)
        {
            ListenerDuplicates.Close(client.Listeners);
            ListenerDuplicates.Close(client.Admin);
        }
        await Eventually.HoldsAsync(
            async () => (await ProxyExecutable.RunAsync(["upstream", "disable", "s", "u", "--socket", bed.AdminSocket])).ExitCode == 0,
            "changes are welcome again");
        Assert.True(File.Exists(bed.UnixListen));

        Assert.Equal(0, await UpgradeBed.StopAsync(old));

        Assert.False(File.Exists(bed.UnixListen));
        Assert.False(File.Exists(bed.AdminSocket));
    }

    [Fact]
    public async Task NewProcess_NoProcessToFollow_StartsAsUsual()
    {
        await using UpgradeBed bed = new();
        bed.Configure();

        ChildProcess process = await bed.StartAsync("--take-over");

        Assert.Contains(process.Error.Snapshot(), l => l.Contains(" info 7007 ", StringComparison.Ordinal));
        await bed.VisitAsync();
        await bed.FollowAsync(process);
        await bed.VisitAsync();
    }

    [Fact]
    public async Task NewProcess_WithoutAdminSocket_SaysWhatIsMissing()
    {
        using TempFolder folder = new("up");
        string path = folder.Write("proxy.json", Running.Given.Service(FreePort.Loopback(), FreePort.Loopback()));

        ProcessResult result = await ProxyExecutable.RunAsync(["run", "--config", path, "--take-over"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--take-over: the configuration has no admin.socket", result.Error);
    }

    /// <summary>Another user may neither connect nor, where he can, be served.</summary>
    [Fact]
    public async Task NewProcess_OfAnotherUser_IsRefused()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "another user needs root");
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess old = await bed.StartAsync();
        string path = TakeOverServer.PathFor(bed.AdminSocket);
        await bed.AwaitsNextAsync();
        File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);

        await Curl.RunAsync(["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], path, "/");

        await old.Error.WaitForLineAsync(l => l.Contains(" warning 7001 ", StringComparison.Ordinal)
            && l.Contains("of user 65534 was refused", StringComparison.Ordinal), "it refuses");
        await bed.VisitAsync();
    }

    private static async Task AssertGoesOnAsync(UpgradeBed bed, ChildProcess old)
    {
        Assert.False(old.HasExited);
        await bed.VisitAsync();
        using TestClient unix = await Ends.ConnectUnixAsync(bed.UnixListen);
        await Ends.AssertEchoAsync(unix);
        unix.HalfClose();
        await Ends.AssertEndAsync(unix);
        Assert.Equal(old.Id, (await UpgradeBed.StatusAsync(bed.AdminSocket)).GetProperty("pid").GetInt32());
        // And it can still be followed.
        bed.Configure();
        await bed.FollowAsync(old);
        Assert.Equal(0, await old.WaitForExitAsync());
    }
}
