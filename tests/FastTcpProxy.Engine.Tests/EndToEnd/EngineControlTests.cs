using System.Collections.Immutable;
using System.Net.Sockets;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Tests.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Engine.Tests.EndToEnd;

/// <summary>What the rest of the program asks of a running engine, over all of its loops.</summary>
[Collection(SocketCollection.Name)]
public sealed class EngineControlTests
{
    [Fact]
    public async Task Sessions_OfAllLoops_AreListedAndKilled()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        List<TestClient> clients = [];
        for (int i = 0; i < 12; i++)
        {
            clients.Add(await TestClient.ConnectAsync(bed.EndPoint));
            await clients[i].SendAsync("x");
            await clients[i].ReceiveExactlyAsync(1);
        }

        ImmutableArray<SessionView> all = await bed.Engine.ListSessionsAsync(SessionFilter.All, ProxyEngine.SessionsListedMax + 1);
        ImmutableArray<SessionView> some = await bed.Engine.ListSessionsAsync(SessionFilter.All, 5);

        Assert.Equal(clients.Select(c => c.LocalEndPoint.Port).Order(), all.Select(v => (int)v.Client.Port).Order());
        Assert.Equal(12, all.Select(v => v.Id).Distinct().Count());
        Assert.Equal(all.Select(v => v.StartedAt).OrderDescending(), all.Select(v => v.StartedAt));
        Assert.Equal(5, some.Length);
        Assert.Equal(12, bed.Service.Definition.Upstreams[0].Activity.Sessions);

        Assert.Equal(1, await bed.Engine.KillSessionsAsync(new SessionFilter(Id: all[3].Id)));
        Assert.Equal(11, await bed.Engine.KillSessionsAsync(SessionFilter.All));
        foreach (TestClient client in clients)
        {
            Assert.Equal(SocketError.ConnectionReset,
                (await Assert.ThrowsAsync<SocketException>(() => client.ReceiveAsync())).SocketErrorCode);
            client.Dispose();
        }
        Assert.Equal("operator.relay.killed", (await bed.NextRecordAsync()).Reason.ToString());
        Assert.Equal(0, bed.Service.Definition.Upstreams[0].Activity.Sessions);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(ProxyEngine.SessionsListedMax + 1, true)]
    [InlineData(ProxyEngine.SessionsListedMax + 2, false)]
    public async Task List_Max_HasBounds(int max, bool allowed)
    {
        using ProxyEngine engine = new(new EngineOptions { Threads = ModuleSetup.Threads });
        if (allowed) Assert.Empty(await engine.ListSessionsAsync(SessionFilter.All, max));
        else await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => engine.ListSessionsAsync(SessionFilter.All, max));
    }

    [Fact]
    public async Task SessionsMax_ChangedWhileItRuns_RefusesTheNext()
    {
        await using EchoUpstream upstream = new();
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, [upstream.EndPoint]);
        using TestClient first = await bed.ConnectAsync();
        await first.SendAsync("x");
        await first.ReceiveExactlyAsync(1);
        bed.Engine.SetSessionsMax(1);
        // The reset may come before the client knows that it is connected.
        SocketException e = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            using TestClient second = await bed.ConnectAsync();
            await second.ReceiveAsync();
        });
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        bed.Engine.SetSessionsMax(0);
        using TestClient third = await bed.ConnectAsync();
        await third.SendAsync("x");
        await third.ReceiveExactlyAsync(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => bed.Engine.SetSessionsMax(-1));
    }

    [Fact]
    public async Task Heartbeat_OfARunningEngine_Comes()
    {
        await using EngineBed bed = EngineBed.Start(HeaderMode.Raw, []);
        int rounds = 0;
        bed.Engine.StartHeartbeat(TimeSpan.FromMilliseconds(20), () => Interlocked.Increment(ref rounds));
        await Eventually.HoldsAsync(() => Volatile.Read(ref rounds) >= 5, "five rounds");
        Assert.Throws<InvalidOperationException>(() => bed.Engine.StartHeartbeat(TimeSpan.FromMilliseconds(20), () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => bed.Engine.StartHeartbeat(TimeSpan.FromMilliseconds(19), () => { }));
    }
}
