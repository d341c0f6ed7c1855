using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>A session log that cannot be written does not hurt traffic: the real program. Each test owns its process.</summary>
public sealed class OutputFailureTests
{
    private const int Visits = 20;

    [Fact]
    public async Task FullDisk_TrafficGoesOnAndTheLossIsSaid()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint),
            new ProxyOptions { OutputToFullDisk = true });

        await AssertServesAndSaysAsync(proxy, listen);
    }

    [Fact]
    public async Task ClosedOutput_TrafficGoesOnAndTheLossIsSaid()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using TempFolder folder = new("output");
        string path = folder.Write("proxy.json", Given.Service(listen, upstream.EndPoint));
        // A pipe whose reader is gone: every write fails with EPIPE, and raises SIGPIPE where that is not ignored.
        using ChildProcess shell = ChildProcess.Start("/bin/sh",
            ["-c", "\"$0\" run --config \"$1\" | true", ProxyExecutable.FilePath, path], ProxyExecutable.Environment);
        await shell.Error.WaitForLineAsync(l => l.Contains(" 1002 ready"), "it is ready");

        for (int i = 0; i < Visits; i++) await StartTests.VisitAsync(listen);
        string line = await shell.Error.WaitForLineAsync(l => l.Contains(" warning 4004 "), "the loss is said");
        Assert.Contains("pipe", line);
        await StartTests.VisitAsync(listen);
    }

    [Fact]
    public async Task BlockedStandardError_ProgramCanStillBeEnded()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using TempFolder folder = new("output");
        string path = folder.Write("proxy.json", Given.Service(listen, upstream.EndPoint));
        string pipe = folder["pipe"];
        // A pipe that is full, and that no one reads: it is opened for both so that the open does not wait, and filled to the last byte.
        using ChildProcess proxy = ChildProcess.Start("/bin/sh",
            ["-c", "mkfifo \"$2\"; exec 7<>\"$2\"; timeout 1 sh -c 'head -c 2000000 /dev/zero >&7'; exec \"$0\" run --config \"$1\" 2>&7",
                ProxyExecutable.FilePath, path, pipe],
            ProxyExecutable.Environment);
        await Eventually.HoldsAsync(() => ListeningSockets.Covers(listen), "it listens");
        await StartTests.VisitAsync(listen);

        proxy.Signal(UnixSignal.Terminate);

        Assert.Equal(0, await proxy.WaitForExitAsync());
    }

    private static async Task AssertServesAndSaysAsync(ProxyProcess proxy, IPEndPoint listen)
    {
        for (int i = 0; i < Visits; i++) await StartTests.VisitAsync(listen);
        string line = await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" warning 4004 "), "the loss is said");
        Assert.Contains("space", line);
        await StartTests.VisitAsync(listen);
        Assert.Equal(0, await proxy.StopAsync());
        Assert.InRange(proxy.Child.Error.Snapshot().Count(l => l.Contains(" 4004 ")), 1, 5);
    }
}
