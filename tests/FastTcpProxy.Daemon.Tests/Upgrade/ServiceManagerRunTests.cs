using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Daemon.Tests.Systemd;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>The real program under a service manager, or what looks like one to it. Each test owns its processes.</summary>
public sealed class ServiceManagerRunTests
{
    [Fact]
    public async Task Notify_HearsReadyReloadingStoppingAndTheWatchdog()
    {
        await using UpgradeBed bed = new() { Engine = "\"drainTimeout\": \"20s\"" };
        bed.Configure();
        using FakeServiceManager manager = new(bed.Folder["n"]);
        ChildProcess process = Launch(bed, new() { ["NOTIFY_SOCKET"] = manager.Name, ["WATCHDOG_USEC"] = "300000" });

        Assert.Equal("READY=1\nSTATUS=serving 1 service", await manager.ReceiveAsync());
        Assert.Equal("WATCHDOG=1", await manager.ReceiveAsync());
        Assert.Equal("WATCHDOG=1", await manager.ReceiveAsync());
        process.Signal(UnixSignal.Hangup);
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", await manager.ReceiveAsync("RELOADING"));
        Assert.Equal("READY=1\nSTATUS=serving", await manager.ReceiveAsync("READY"));
        bed.Folder.Write("proxy.json", "{");
        process.Signal(UnixSignal.Hangup);
        await manager.ReceiveAsync("RELOADING");
        Assert.StartsWith("READY=1\nSTATUS=serving; the last reload failed: ", await manager.ReceiveAsync("READY"));
        process.Signal(UnixSignal.Terminate);
        Assert.Equal("STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=SIGTERM: waiting for sessions to close",
            await manager.ReceiveAsync("STOPPING"));

        Assert.Equal(0, await process.WaitForExitAsync());
    }

    [Fact]
    public async Task Notify_ProcessForWhichTheWatchdogIsNot_GivesNoSigns()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using FakeServiceManager manager = new("@fasttcpproxy-test-" + Guid.NewGuid().ToString("N"));
        ChildProcess process =
            Launch(bed, new() { ["NOTIFY_SOCKET"] = manager.Name, ["WATCHDOG_USEC"] = "100000", ["WATCHDOG_PID"] = "1" });

        Assert.StartsWith("READY=1", await manager.ReceiveAsync());
        process.Signal(UnixSignal.Terminate);

        Assert.StartsWith("STOPPING=1", await manager.ReceiveAsync());
    }

    [Theory]
    [InlineData("nonsense", " warning 7101 ")]
    [InlineData("/nonexistent/socket", null)]
    public async Task Notify_BrokenSocket_DoesNotDisturb(string name, string? warning)
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess process = Launch(bed, new() { ["NOTIFY_SOCKET"] = name, ["WATCHDOG_USEC"] = "x" });
        await process.Error.WaitForLineAsync(l => l.Contains(" 1002 ready", StringComparison.Ordinal), "it is ready");
        await process.Error.WaitForLineAsync(l => l.Contains(" warning 7102 ", StringComparison.Ordinal),
            "it says that it has no watchdog");
        if (warning is not null) await process.Error.WaitForLineAsync(l => l.Contains(warning, StringComparison.Ordinal), "it warns");
        await bed.VisitAsync();
    }

    [Fact]
    public async Task TakeOver_OldOneSaysSoWithoutStopping_NewOneIsReady()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using FakeServiceManager oldManager = new(bed.Folder["o"]), newManager = new(bed.Folder["n"]);
        ChildProcess old = Launch(bed, new() { ["NOTIFY_SOCKET"] = oldManager.Name });
        await oldManager.ReceiveAsync("READY");
        using TestClient client = await TestClient.ConnectAsync(bed.Listen);
        await Ends.AssertEchoAsync(client);
        await bed.AwaitsNextAsync();

        ChildProcess next = Launch(bed, new() { ["NOTIFY_SOCKET"] = newManager.Name }, "--take-over");

        await newManager.ReceiveAsync("READY");
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"STATUS=process {next.Id} has taken over; waiting for sessions to close"),
            await oldManager.ReceiveAsync());
        await Ends.AssertEchoAsync(client);
        Assert.False(old.HasExited);
    }

    /// <summary>The socket is the launcher's; the program is started by the first client, and uses it.</summary>
    [Fact]
    public async Task SocketActivation_ByTheToolOfSystemd_ServesTheFirstClient()
    {
        RequiresPeer.Systemd();
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess process = bed.Launch(
            [
                RequiresPeer.SystemdSocketActivatePath, "--listen=" + bed.Listen, "--fdname=web",
                "--setenv=DOTNET_ROOT=" + ProxyExecutable.Environment["DOTNET_ROOT"],
                ProxyExecutable.FilePath, "run", "--config", bed.ConfigurationPath,
            ],
            new Dictionary<string, string?>());
        await Eventually.HoldsAsync(() => ListeningSockets.Covers(bed.Listen), "the launcher listens");

        await bed.VisitAsync();

        Assert.Contains(process.Error.Snapshot(),
            l => l.Contains($" info 7100 the service manager passed 1 listening socket: {bed.Listen}", StringComparison.Ordinal));
        await bed.VisitAsync();
    }

    /// <summary>The test is the service manager here, and keeps the socket when the program dies.</summary>
    [Fact]
    public async Task SocketActivation_ProgramIsKilledAndStartedAgain_NobodyInTheQueueIsLost()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using PassedSocket passed = new(bed.Listen);
        ChildProcess first = passed.Launch(bed);
        await bed.VisitAsync();
        first.Signal(UnixSignal.Kill);
        await first.WaitForExitAsync();

        List<TestClient> waiting = [];
        for (int i = 0; i < 20; i++) waiting.Add(await TestClient.ConnectAsync(bed.Listen));
        Assert.Equal(20, ListeningSockets.QueueLength(bed.Listen));
        ChildProcess second = passed.Launch(bed);

        foreach (TestClient client in waiting)
        {
            using (client) await Ends.AssertEchoAsync(client);
        }
        // An orderly end leaves the queue to the next start, too.
        second.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await second.WaitForExitAsync());
        using TestClient later = await TestClient.ConnectAsync(bed.Listen);
        passed.Launch(bed);
        await Ends.AssertEchoAsync(later);
    }

    [Fact]
    public async Task SocketActivation_SocketThatDoesNotListen_SaysSoAndExits1()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using PassedSocket passed = new(bed.Listen, listens: false);

        ChildProcess process = passed.Launch(bed);

        Assert.Equal(1, await process.WaitForExitAsync());
        await process.Error.WaitForLineAsync(
            l => l.EndsWith("socket activation: descriptor 3 (test): it does not listen, expected a listening stream socket",
                StringComparison.Ordinal), "it says so");
    }

    [Fact]
    public async Task SocketActivation_DescriptorThatIsNotOpen_SaysSoAndExits1()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        ChildProcess process = bed.Launch(
            ["/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=900 exec \"$0\" run --config \"$1\"", ProxyExecutable.FilePath,
                bed.ConfigurationPath], new Dictionary<string, string?>());

        Assert.Equal(1, await process.WaitForExitAsync());
        await process.Error.WaitForLineAsync(
            l => l.Contains("cannot start: socket activation: LISTEN_FDS promises descriptor", StringComparison.Ordinal), "it says so");
    }

    [Fact]
    public async Task SocketActivation_AndTakeOver_TheManagerKeepsItsSocket()
    {
        await using UpgradeBed bed = new();
        bed.Configure();
        using PassedSocket passed = new(bed.Listen);
        ChildProcess old = passed.Launch(bed);
        await bed.VisitAsync();
        await bed.AwaitsNextAsync();

        ChildProcess next = await bed.FollowAsync(old);

        Assert.Equal(0, await old.WaitForExitAsync());
        await bed.VisitAsync();
        next.Signal(UnixSignal.Kill);
        await next.WaitForExitAsync();
        using TestClient waits = await TestClient.ConnectAsync(bed.Listen);
        passed.Launch(bed);
        await Ends.AssertEchoAsync(waits);
    }

    private static ChildProcess Launch(UpgradeBed bed, Dictionary<string, string?> environment, params string[] arguments) =>
        bed.Launch([ProxyExecutable.FilePath, "run", "--config", bed.ConfigurationPath, .. arguments], environment);

    /// <summary>A socket that the test holds, and that is descriptor 3 of the programs it starts. One test owns it.</summary>
    private sealed class PassedSocket : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public PassedSocket(IPEndPoint address, bool listens = true)
        {
            _socket.Bind(address);
            if (listens) _socket.Listen();
        }

        /// <summary>By a shell, which inherits it and moves it to its place.</summary>
        public ChildProcess Launch(UpgradeBed bed)
        {
            int inherited = Dup((int)_socket.Handle);
            try
            {
                string script = string.Create(
                    CultureInfo.InvariantCulture,
                    $"exec 3<&{inherited} {inherited}<&-; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=test exec \"$0\" run --config \"$1\"");
                return bed.Launch(["/bin/bash", "-c", script, ProxyExecutable.FilePath, bed.ConfigurationPath],
                    new Dictionary<string, string?>());
            }
            finally
            {
                NativeDescriptor.Close(inherited);
            }
        }

        public void Dispose() => _socket.Dispose();

        /// <summary>Without FD_CLOEXEC: children inherit it.</summary>
        [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "dup")]
        private static extern int Dup(int fd);
    }
}
