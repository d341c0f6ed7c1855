using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TestBed;

/// <summary>Checks how the tests start, watch and end programs. Each test is on its own.</summary>
public sealed class ProcessesTests
{
    [Fact]
    public async Task ChildProcess_RunToItsEnd_GivesCodeAndOutput()
    {
        var result = await ChildProcess.RunAsync("/bin/sh", ["-c", "read word; echo out $word; echo err >&2; exit 3"], input: "in\n");

        Assert.Equal(new ProcessResult(3, "out in", "err"), result);
    }

    [Fact]
    public async Task ChildProcess_Signal_Arrives()
    {
        using var child =
            ChildProcess.Start("/bin/sh", ["-c", "trap 'echo hup' HUP; trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done"]);
        await child.Output.WaitForLineAsync(line => line == "ready", "ready");

        child.Signal(UnixSignal.Hangup);
        await child.Output.WaitForLineAsync(line => line == "hup", "hup");
        Assert.True(child.DescriptorCount >= 3);
        Assert.InRange(child.ResidentBytes, 100_000, 100_000_000);
        child.Signal(UnixSignal.Terminate);

        Assert.Equal(7, await child.WaitForExitAsync());
    }

    [Fact]
    public async Task ChildProcess_Disposed_TakesItsChildrenWithIt()
    {
        var child = ChildProcess.Start("/bin/sh", ["-c", "sleep 1000 & echo $!; wait"]);
        var grandchild = await child.Output.WaitForLineAsync(_ => true, "the grandchild's number");
        Assert.True(Directory.Exists("/proc/" + grandchild));

        child.Dispose();

        // The process that inherits it may not have waited for it yet: a dead one has no memory, and so no command line, left.
        var path = $"/proc/{grandchild}/cmdline";
        await Eventually.HoldsAsync(() => !File.Exists(path) || File.ReadAllText(path).Length == 0, "the end of the grandchild");
    }

    [Fact]
    public async Task CapturedLines_LineThatNeverComes_FailsWithTheLastLines()
    {
        using var child = ChildProcess.Start("/bin/sh", ["-c", "echo one; echo two; exec sleep 1000"]);
        await child.Output.WaitForLineAsync(line => line == "two", "two");

        var error = await Assert.ThrowsAsync<TimeoutException>(
            () => child.Output.WaitForLineAsync(line => line == "three", "the third", TimeSpan.FromMilliseconds(50)));

        Assert.Contains("the third", error.Message);
        Assert.Contains("one\ntwo", error.Message);
    }

    [Fact]
    public void FreePort_Many_AreDistinctAndFree()
    {
        var ports = Enumerable.Range(0, 300).Select(_ => FreePort.Next()).ToArray();

        Assert.Equal(ports.Length, ports.Distinct().Count());
        Assert.DoesNotContain(ports, port => ListeningSockets.Covers(new(System.Net.IPAddress.Loopback, port)));
    }

    [Fact]
    public void ListeningSockets_Listener_IsSeenWithItsQueue()
    {
        var endPoint = FreePort.LoopbackV6();
        Assert.Null(ListeningSockets.QueueLength(endPoint));
        using var listener = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endPoint);
        listener.Listen(5);

        Assert.Equal(0, ListeningSockets.QueueLength(endPoint));
        Assert.False(ListeningSockets.Covers(new(System.Net.IPAddress.Parse("127.0.0.1"), endPoint.Port)));
    }

    [Theory]
    [InlineData("127.0.0.7")]
    [InlineData("::1")]
    public async Task ListeningSockets_BothWaysOfAsking_TellTheSame(string address)
    {
        var endPoint = FreePort.On(address);
        using var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endPoint);
        listener.Listen(5);
        using var first = await TestClient.ConnectAsync(endPoint);
        using var second = await TestClient.ConnectAsync(endPoint);
        var expected = (endPoint.Address, endPoint.Port, 2);

        var diagnosed = SocketDiagnostics.TryRead();
        Assert.SkipWhen(diagnosed is null, "this kernel has no socket diagnostics (inet_diag)");

        await Eventually.HoldsAsync(() => SocketDiagnostics.TryRead()!.Contains(expected), "two connections in the queue");
        Assert.Contains(expected, ListeningSockets.ReadTables());
    }

    [Fact]
    public void TempFolder_Disposed_IsGone()
    {
        string path;
        using (var folder = new TempFolder())
        {
            path = folder.Path;
            Assert.Equal("text", File.ReadAllText(folder.Write("a/b", "text")));
        }
        Assert.False(Directory.Exists(path));
    }
}
