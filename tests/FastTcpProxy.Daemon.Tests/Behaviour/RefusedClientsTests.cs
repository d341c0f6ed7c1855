using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Clients that admission refuses, as the operational log tells of them. The real program.</summary>
public sealed partial class RefusedClientsTests
{
    [Fact]
    public async Task RefusedClients_AreToldOfOnceASecondWithTheirNumberAndCause()
    {
        const int refused = 12;
        await using EchoUpstream echo = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [echo.EndPoint], keys: "\"maxSessions\": 1"));
        using TestClient held = await TestClient.ConnectAsync(listen);
        await held.SendAsync("a");
        Assert.Equal("a", await held.ReceiveUntilAsync("a"));
        for (int i = 0; i < refused; i++)
        {
            // The reset may come before the connect has returned.
            await Assert.ThrowsAsync<SocketException>(async () =>
            {
                using TestClient client = await TestClient.ConnectAsync(listen);
                await client.ReceiveToEndAsync();
            });
        }

        // They may fall into two seconds, or more on a busy machine.
        await Eventually.HoldsAsync(() => Told(proxy).Sum() == refused, $"{refused} are told of", detail: () => proxy.Child.Error.Tail());
        Assert.True(Told(proxy).Length < refused, "each client has a line of its own");
    }

    private static int[] Told(ProxyProcess proxy) =>
        [.. proxy.Child.Error.Snapshot().Select(line => Line().Match(line)).Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@" warning 6300 service s: refused ([0-9]+) clients? in the last second: proxy\.guard\.limitReached$")]
    private static partial Regex Line();
}
