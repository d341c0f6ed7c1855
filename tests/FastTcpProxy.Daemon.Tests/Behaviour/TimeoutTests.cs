using System.Net;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>The ends that the proxy sets by the clock. Each test owns its proxy and plays both ends itself.</summary>
public sealed class TimeoutTests
{
    /// <summary>A timeout is never early, and late by what a busy machine adds; the other timeout is 20 s.</summary>
    private const double SlackMs = 10_000;

    private const double EarliestMs = 700;

    private const string Idle = "\"idleTimeout\": \"700ms\", \"halfCloseTimeout\": \"20s\"";
    private const string HalfClose = "\"idleTimeout\": \"20s\", \"halfCloseTimeout\": \"700ms\"";

    [Fact]
    public async Task Session_Idle_BothSidesAreReset()
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: Idle));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        await Task.WhenAll(Ends.AssertResetAsync(client), Ends.AssertResetAsync(accepted));

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("proxy.relay.idle", session.Reason());
        Assert.InRange(session.TotalMs(), EarliestMs, 700 + SlackMs);
    }

    /// <summary>Bytes in one direction alone keep the session, for longer than the timeout.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_OneDirectionMoves_IsNotIdle(bool fromClient)
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: Idle));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        (TestClient sender, TestClient receiver) = fromClient ? (client, accepted) : (accepted, client);
        Deadline beyond = Deadline.After(TimeSpan.FromMilliseconds(1500));
        int sent = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                sender.Socket.Send("x"u8);
                sent++;
                return beyond.HasPassed;
            },
            "more than twice the timeout has passed");
        sender.HalfClose();
        Assert.Equal(sent, (await receiver.ReceiveToEndAsync()).Length);
        receiver.HalfClose();

        Assert.Equal(fromClient ? "client.relay.ended" : "upstream.relay.ended", (await proxy.WaitForSessionAsync(_ => true)).Reason());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HalfClosed_OtherSideSilent_IsEnded(bool byClient)
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: HalfClose));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        (TestClient first, TestClient other) = byClient ? (client, accepted) : (accepted, client);
        first.HalfClose();
        await Ends.AssertEndAsync(other);
        await Ends.AssertResetAsync(first);

        JsonElement session = await proxy.WaitForSessionAsync(_ => true);
        Assert.Equal("proxy.relay.halfClosed", session.Reason());
        Assert.InRange(session.TotalMs(), EarliestMs, 700 + SlackMs);
    }

    [Fact]
    public async Task HalfClosed_OtherSideStillSends_IsNotEnded()
    {
        using ManualUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(ServiceText.Of(listen, [upstream.EndPoint], keys: HalfClose));
        using TestClient client = await TestClient.ConnectAsync(listen);
        using TestClient accepted = await upstream.AcceptAsync();
        client.HalfClose();
        await Ends.AssertEndAsync(accepted);
        Deadline beyond = Deadline.After(TimeSpan.FromMilliseconds(1500));
        int sent = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                accepted.Socket.Send("x"u8);
                sent++;
                return beyond.HasPassed;
            },
            "more than twice the timeout has passed");
        accepted.HalfClose();

        Assert.Equal(sent, (await client.ReceiveToEndAsync()).Length);
        Assert.Equal("client.relay.ended", (await proxy.WaitForSessionAsync(_ => true)).Reason());
    }
}
