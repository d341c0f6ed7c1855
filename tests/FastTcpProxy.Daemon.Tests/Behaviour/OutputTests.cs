using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Outputs that fail or are not read: traffic does not notice. Each test owns its proxy and upstream.</summary>
public sealed class OutputTests
{
    /// <summary>
    /// More session lines than a pipe of 64 KiB and the writer's batch hold, fewer than make the test long.
    /// </summary>
    private const int Sessions = 400;

    [Fact]
    public async Task Output_Closed_TrafficGoesOn() => await AssertServesAsync(null, proxy => proxy.Child.CloseOutput());

    [Fact]
    public async Task Output_OnAFullDisk_TrafficGoesOn() => await AssertServesAsync(new ProxyOptions { OutputToFullDisk = true }, _ => { });

    /// <summary>The process itself holds the reading end of the pipe, and no one reads.</summary>
    [Fact]
    public async Task Output_NotRead_TrafficGoesOn() =>
        await AssertServesAsync(new ProxyOptions { Before = "mkfifo \"$FOLDER/pipe\"; exec 3<>\"$FOLDER/pipe\" >&3" }, _ => { });

    [Theory]
    [InlineData("exec 2>/dev/full")]
    [InlineData("exec 2>&1 >/dev/full 2>/dev/full")]
    public async Task Errors_CannotBeWritten_TrafficGoesOn(string before) =>
        await AssertServesAsync(new ProxyOptions { Before = before }, _ => { }, 20);

    private static async Task AssertServesAsync(ProxyOptions? options, Action<ProxyProcess> spoil, int sessions = Sessions)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint]), options);
        spoil(proxy);
        using TestClient lasting = await TestClient.ConnectAsync(listen);
        for (int i = 0; i < sessions; i++)
        {
            using TestClient client = await TestClient.ConnectAsync(listen);
            await Ends.AssertEchoAsync(client);
        }
        await Ends.AssertEchoAsync(lasting, "still here");
        lasting.Dispose();

        Assert.Equal(0, await proxy.StopAsync(TimeSpan.FromSeconds(10)));
    }
}
