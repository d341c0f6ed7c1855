using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>A silent first upstream with the keys that spare clients the wait for it. Each test owns its proxy and upstreams.</summary>
public sealed class HedgeTests
{
    private const int Clients = 20;

    /// <summary>After so many it is suspect, by default.</summary>
    private const int SuspectAfter = 5;

    private const string Keys = """
        "hedge": true, "suspect": { "hold": "1m", "holdMax": "1m" }, "passive": true, "failback": true,
        """;

    [Theory]
    [InlineData("raw")]
    [InlineData("proxy-v2")]
    public async Task Primary_IsSilent_ClientsWaitAQuarterOfASecondAndThenNotAtAll(string mode)
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        await using GreetingUpstream second = new("second");
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [silent.EndPoint, second.EndPoint], mode, Keys, engine: "\"threads\": 1"));
        for (int i = 0; i < Clients; i++)
        {
            long started = Stopwatch.GetTimestamp();
            Assert.Equal("second", await GreetAsync(listen));
            double tookMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Assert.InRange(tookMs, i < SuspectAfter ? 200 : 0, 4_500);
        }
        HashSet<string> seen = [];
        List<string> attempts = [];
        for (int i = 0; i < Clients; i++)
            attempts.Add((await proxy.WaitForSessionAsync(s => seen.Add(s.GetProperty("id").GetString()!))).Attempts());
        Assert.Equal([.. Enumerable.Repeat("a:superseded b:connected", SuspectAfter),
            .. Enumerable.Repeat("b:connected", Clients - SuspectAfter)], attempts);
        Assert.Equal(Clients, second.AcceptedCount);
    }

    /// <summary>The attempt that is given up is answered late, and reset before its server has accepted it.</summary>
    [Fact]
    public async Task Primary_AnswersLate_HasAcceptedOnlyItsOwnClients()
    {
        RequiresPeer.PacketFilter();
        await using GreetingUpstream first = new("first"), second = new("second");
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            ServiceText.Of(listen, [first.EndPoint, second.EndPoint], keys: Keys, engine: "\"threads\": 1"));
        using (await PacketDrop.StartAsync(first.EndPoint.Port)) Assert.Equal("second", await GreetAsync(listen));
        // Meanwhile its own SYN is sent again, and answered.
        int firsts = 0, seconds = 1;
        await Eventually.HoldsAsync(async () => (await GreetAsync(listen) == "first" ? ++firsts : ++seconds) > 0 && firsts > SuspectAfter,
            "clients get to the first upstream again");
        Assert.Equal((firsts, seconds), (first.AcceptedCount, second.AcceptedCount));
    }

    /// <summary>The server speaks first, so nothing was sent to the one that resets.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("\"hedge\": true, \"suspect\": true,")]
    public async Task Primary_AcceptsAndResets_ClientsGetTheSecondWhereToldSo(string keys)
    {
        await using ResettingUpstream first = new();
        await using GreetingUpstream second = new("second");
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [first.EndPoint, second.EndPoint],
            keys: keys + "\"retryOnReset\": \"beforeClientBytes\","));
        for (int i = 0; i < Clients; i++) Assert.Equal("second", await GreetAsync(listen));
        Assert.Equal((Clients, Clients), (first.AcceptedCount, second.AcceptedCount));
    }

    private static async Task<string> GreetAsync(IPEndPoint listen)
    {
        using TestClient client = await TestClient.ConnectAsync(listen);
        return await client.ReceiveToEndAsync();
    }

    /// <summary>Speaks first, and ends: it has to be told at once that it has a client.</summary>
    private sealed class GreetingUpstream(string name) : TcpUpstream(null)
    {
        protected override async Task ServeAsync(Socket connection, CancellationToken stop)
        {
            await connection.SendAsync(Encoding.ASCII.GetBytes(name), stop);
            connection.Shutdown(SocketShutdown.Send);
            byte[] rest = new byte[1024];
            while (await connection.ReceiveAsync(rest, stop) > 0)
            {
                // The header, and the end of the client.
            }
        }
    }

    /// <summary>Accepts, and resets.</summary>
    private sealed class ResettingUpstream() : TcpUpstream(null)
    {
        protected override Task ServeAsync(Socket connection, CancellationToken stop)
        {
            connection.LingerState = new LingerOption(true, 0);
            connection.Close();
            return Task.CompletedTask;
        }
    }
}
