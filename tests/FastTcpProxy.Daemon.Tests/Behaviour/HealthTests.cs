using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// Upstreams that leave and come back by what their health service says, a real nginx, while their own ports accept all the time. Each test
/// owns its proxy, its upstreams and its health service.
/// </summary>
public sealed class HealthTests
{
    private const string EachSecond = "\"interval\": \"1s\"";

    [Fact]
    public async Task Primary503_NewClientsGoToTheNext_OldOnesLive_BackInItsPlace()
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        await using EchoUpstream a = new();
        await using EchoUpstream b = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Service(listen, health, [a.EndPoint, b.EndPoint]));
        await WaitForLogAsync(proxy, "upstream a is up: status 200");
        using TestClient old = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(old);

        health.Set("a", well: false);
        await WaitForLogAsync(proxy, "upstream a is down: status 503");
        Assert.Equal("b", await ServedByAsync(proxy, listen));
        await Ends.AssertEchoAsync(old, "still here");

        health.Set("a", well: true);
        await WaitForLogAsync(proxy, "upstream a is up: status 200", times: 2);
        Assert.Equal("a", await ServedByAsync(proxy, listen));
        await Ends.AssertEchoAsync(old, "and still");
    }

    [Fact]
    public async Task Primary503_LeavesWithinOneCheck()
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        await using EchoUpstream a = new();
        await using EchoUpstream b = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Service(listen, health, [a.EndPoint, b.EndPoint]));
        await WaitForLogAsync(proxy, "upstream a is up");

        health.Set("a", well: false);
        long began = Environment.TickCount64;
        while (await ServedByAsync(proxy, listen) != "b")
            Assert.InRange(Environment.TickCount64 - began, 0, Deadline.Patient.TotalMilliseconds);

        // One interval, and what a busy machine adds.
        Assert.InRange(Environment.TickCount64 - began, 0, 1000 + 2000);
    }

    [Fact]
    public async Task OnDownReset_SessionsOnItAreReset_OthersLive()
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        await using EchoUpstream a = new();
        await using EchoUpstream b = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(Service(listen, health, [a.EndPoint, b.EndPoint], check: "\"onDown\": \"reset\""));
        await WaitForLogAsync(proxy, "upstream b is up");
        using TestClient onA = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(onA);

        health.Set("a", well: false);
        await Ends.AssertResetAsync(onA);
        JsonElement session = await proxy.WaitForSessionAsync(s => s.Reason() == "proxy.relay.upstreamDown");
        Assert.Equal("a", session.GetProperty("upstream").GetProperty("name").GetString());

        using TestClient onB = await TestClient.ConnectAsync(listen);
        await Ends.AssertEchoAsync(onB);
        health.Set("a", well: true);
        await WaitForLogAsync(proxy, "upstream a is up", times: 2);
        await Ends.AssertEchoAsync(onB, "no one reset me");
    }

    [Theory]
    [InlineData("try-in-order")]
    [InlineData("fail")]
    public async Task AllDown_IsWhatTheServiceSays(string allDown)
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        await using EchoUpstream a = new();
        await using EchoUpstream b = new();
        health.Set("a", well: false);
        health.Set("b", well: false);
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy =
            await ProxyProcess.StartAsync(Service(listen, health, [a.EndPoint, b.EndPoint], $"\"allDown\": \"{allDown}\","));
        await WaitForLogAsync(proxy, "no upstream is up: 2 down");

        if (allDown == "try-in-order")
        {
            Assert.Equal("a", await ServedByAsync(proxy, listen));
        }
        else
        {
            await Ends.AssertConnectIsResetAsync(listen);
            JsonElement session = await proxy.WaitForSessionAsync(_ => true);
            Assert.Equal(("proxy.connect.noUpstream", ""), (session.Reason(), session.Attempts()));
        }
        health.Set("b", well: true);
        await WaitForLogAsync(proxy, "an upstream is up again: 1 up, 1 down");
        Assert.Equal("b", await ServedByAsync(proxy, listen));
    }

    [Fact]
    public async Task Initial_Down_IsPassedOverUntilItsFirstGoodCheck()
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        await using EchoUpstream a = new();
        await using EchoUpstream b = new();
        health.Set("a", well: false);
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            Service(listen, health, [a.EndPoint, b.EndPoint], "\"allDown\": \"fail\",", "\"initial\": \"down\""));

        await WaitForLogAsync(proxy, "upstream b is up");
        Assert.Equal("b", await ServedByAsync(proxy, listen));
        health.Set("a", well: true);
        await WaitForLogAsync(proxy, "upstream a is up");
        Assert.Equal("a", await ServedByAsync(proxy, listen));
    }

    [Fact]
    public async Task Status_TellsWhatTheProxyKnows()
    {
        using NginxHealthService health = await NginxHealthService.StartAsync();
        await using EchoUpstream a = new();
        health.Set("b", well: false);
        IPEndPoint listen = FreePort.Loopback();
        using TempFolder folder = new("admin");
        string socket = folder["admin.sock"];
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Service(listen, health, [a.EndPoint, FreePort.Loopback()], admin: socket));
        await WaitForLogAsync(proxy, "upstream b is down");
        await WaitForLogAsync(proxy, "upstream a is up");

        ProcessResult json = await ProxyExecutable.RunAsync(["status", "--socket", socket, "--json"]);
        Assert.Equal((0, ""), (json.ExitCode, json.Error));
        JsonElement service = JsonDocument.Parse(json.Output).RootElement.GetProperty("services")[0];
        JsonElement[] upstreams = [.. service.GetProperty("upstreams").EnumerateArray()];
        Assert.Equal(["a up True", "b down False"], upstreams.Select(u =>
            $"{u.GetProperty("name").GetString()} {u.GetProperty("health").GetProperty("state").GetString()} "
            + $"{u.GetProperty("serving").GetBoolean()}"));
        Assert.Equal(a.EndPoint.ToString(), upstreams[0].GetProperty("configured").GetProperty("address").GetString());
        Assert.Equal("status 503", upstreams[1].GetProperty("health").GetProperty("reason").GetString());
        Assert.InRange(DateTimeOffset.UtcNow - upstreams[1].GetProperty("health").GetProperty("since").GetDateTimeOffset(), TimeSpan.Zero,
            Deadline.Patient);

        ProcessResult text = await ProxyExecutable.RunAsync(["status", "--socket", socket]);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("status 503", text.Output, StringComparison.Ordinal);
    }

    private static string Service(
        IPEndPoint listen, NginxHealthService health, object[] upstreams, string keys = "", string check = "",
        string? admin = null) => $$"""
        {
          "services": [{{ServiceText.Service("s", [listen], upstreams, keys: $$"""
            {{keys}} "healthCheck": { "url": "http://{{health.EndPoint}}/{name}", {{EachSecond}}, {{check}} },
            """)}}],
          {{(admin is null ? "" : $$"""  "admin": { "socket": "{{admin}}" }, """)}}
        }
        """;

    private static Task WaitForLogAsync(ProxyProcess proxy, string text, int times = 1) => Eventually.HoldsAsync(
        () => proxy.Child.Error.Snapshot().Count(line => line.Contains(text, StringComparison.Ordinal)) >= times,
        $"the log says {times} times: {text}",
        detail: () => proxy.Child.Error.Tail());

    /// <summary>The upstream that a new client gets to.</summary>
    private static async Task<string?> ServedByAsync(ProxyProcess proxy, IPEndPoint listen)
    {
        string self;
        using (TestClient client = await TestClient.ConnectAsync(listen))
        {
            await Ends.AssertEchoAsync(client);
            self = client.LocalEndPoint.ToString();
            client.Socket.Shutdown(SocketShutdown.Send);
            await Ends.AssertEndAsync(client);
        }
        JsonElement session = await proxy.WaitForSessionAsync(s => s.Client() == self);
        return session.GetProperty("upstream").GetProperty("name").GetString();
    }
}
