using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>
/// Signals that the program was started with as ignored, as nohup(1) and shells do, or as blocked, as supervisors may, and those that come
/// in a crowd.
/// </summary>
public sealed class InheritedSignalsTests
{
    [Theory]
    [InlineData("trap '' HUP")]
    [InlineData("trap '' HUP TERM INT QUIT")]
    [InlineData("exec env --block-signal=HUP --block-signal=TERM --block-signal=INT \"$0\" \"$@\"")]
    public async Task IgnoredOrBlocked_HangupReloads_TerminateEnds(string before)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint),
            new ProxyOptions { Before = before });

        proxy.Child.Signal(UnixSignal.Hangup);
        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 6110 "), "the reload is said");
        Assert.Equal(0, await proxy.StopAsync());
    }

    [Fact]
    public async Task Hangups_FiftyAtOnce_AllAreSurvivedAndTheLastFileIsInForce()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback(), second = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint));
        await File.WriteAllTextAsync(proxy.ConfigurationPath, Given.Service(second, upstream.EndPoint),
            TestContext.Current.CancellationToken);

        for (int i = 0; i < 50; i++) proxy.Child.Signal(UnixSignal.Hangup);
        await Eventually.HoldsAsync(() => ListeningSockets.Covers(second), "the new file is in force");
        Assert.Equal(0, await proxy.StopAsync());
    }

    /// <summary>Before that the runtime itself starts, and the signal ends the process as it ends any program.</summary>
    [Fact]
    public async Task Hangup_WhileTheConfigurationIsRead_IsSurvived()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using TempFolder folder = new("hangup");
        string file = folder.Write("text.json", Given.Service(listen, upstream.EndPoint));
        // The signal goes out as soon as the process takes it, which /proc tells: then it is on its way to read the file, or has.
        const string Script = "\"$0\" run --config \"$1\" & p=$!; until grep -q '^SigCgt:.*[13579bdf]$' /proc/$p/status; do :; done; "
            + "kill -HUP $p; trap 'kill -TERM $p' TERM; wait $p; wait $p";
        using ChildProcess shell = ChildProcess.Start("/bin/sh", ["-c", Script, ProxyExecutable.FilePath, file],
            new Dictionary<string, string?>(ProxyExecutable.Environment));

        await shell.Error.WaitForLineAsync(l => l.Contains(" 1002 "), "the proxy is ready");
        await shell.Error.WaitForLineAsync(l => l.Contains(" 6110 "), "the reload that was asked for during the start is done");
        shell.Signal(UnixSignal.Terminate);
        Assert.Equal(0, await shell.WaitForExitAsync());
    }
}
