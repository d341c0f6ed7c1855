using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>
/// Started with each set of descriptors 0, 1 and 2 closed: it serves, and nothing that it says ends up in someone's connection.
/// </summary>
public sealed class StandardDescriptorsTests
{
    public static TheoryData<string> Closed =>
        ["", "0<&-", "1>&-", "2>&-", "0<&- 1>&-", "0<&- 2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"];

    [Theory]
    [MemberData(nameof(Closed))]
    public async Task Run_DescriptorsAreClosed_ServesAndWritesNowhere(string closed)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        ProxyOptions options = new() { Before = closed.Length == 0 ? "" : $"exec {closed}" };
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint), options);
        using TestClient first = await TestClient.ConnectAsync(listen);
        for (int i = 0; i < 5; i++)
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            await client.SendAsync("x");
            Assert.Equal("x", await client.ReceiveUntilAsync("x"));
            client.HalfClose();
            await client.ReceiveToEndAsync();
        }

        foreach (char number in "012")
        {
            string target = new FileInfo($"/proc/{proxy.Child.Id}/fd/{number}").LinkTarget!;
            if (closed.Contains(number)) Assert.Equal("/dev/null", target);
            else Assert.StartsWith(number == '0' ? "" : "pipe:", target, StringComparison.Ordinal);
        }
        await first.SendAsync("y");
        Assert.Equal("y", await first.ReceiveUntilAsync("y"));
        first.HalfClose();
        await first.ReceiveToEndAsync();
        Assert.Equal(0, await proxy.StopAsync());
        Assert.Equal(closed.Contains('1') ? 0 : 6, proxy.Sessions().Count);
    }

    [Theory]
    [MemberData(nameof(Closed))]
    public async Task OtherCommand_DescriptorsAreClosed_ExitCodeIsWhatItWouldBe(string closed)
    {
        using ChildProcess version = Run(closed, "--version");
        Assert.Equal(0, await version.WaitForExitAsync());
        using ChildProcess wrong = Run(closed, "no-such-command");
        Assert.Equal(2, await wrong.WaitForExitAsync());
    }

    private static ChildProcess Run(string closed, string argument) => ChildProcess.Start(
        "/bin/sh", ["-c", $"exec \"$0\" \"$@\" {closed}", ProxyExecutable.FilePath, argument],
        new Dictionary<string, string?>(ProxyExecutable.Environment));
}
