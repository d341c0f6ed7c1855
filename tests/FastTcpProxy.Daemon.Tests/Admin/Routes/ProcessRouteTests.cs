using System.Text.Json;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>The process as a whole: ready, explained, drained. Each test has a program of its own.</summary>
public sealed class ProcessRouteTests : IAsyncLifetime
{
    private readonly RoutesBed _bed = new();

    public ValueTask InitializeAsync() => _bed.InitializeAsync();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task Ready_AndNotWhenNobodyServes_StatusSaysTheSame()
    {
        Assert.Equal("ready\n", (await _bed.Http.GetAsync("/readyz")).Is(200).Body);
        JsonElement status = (await _bed.Http.GetAsync("/v1/status")).Is(200).Json;
        Assert.Equal(("serving", true, true),
            (status.GetProperty("state").GetString(), status.GetProperty("ready").GetBoolean(), status.GetProperty("stored").GetBoolean()));
        (await _bed.Http.PutAsync(_bed.Override("primary"), """{"state":"disabled"}""")).Is(200);
        (await _bed.Http.PutAsync(_bed.Override(_bed.SecondName), """{"state":"draining","reason":"bench"}""")).Is(200);

        string notReady = (await _bed.Http.GetAsync("/readyz")).Is(503).Body;

        Assert.StartsWith("service mail: no upstream serves (primary: disabled by ", notReady);
        Assert.EndsWith("bench)\n", notReady);
        status = (await _bed.Http.GetAsync("/v1/status")).Json;
        Assert.False(status.GetProperty("ready").GetBoolean());
        Assert.Equal(notReady, Assert.Single(status.GetProperty("notReady").EnumerateArray()).GetString() + "\n");
        JsonElement explain = (await _bed.Http.GetAsync("/v1/explain?service=mail&from=127.0.0.1")).Json;
        Assert.Equal("The connection is reset (onAllFailed: reset) at once: no upstream of mail serves.",
            explain.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Explain_SaysWhereAClientWouldGo()
    {
        using (TestClient client = await _bed.JoinAsync()) await Ends.AssertEchoAsync(client);

        JsonElement explain = (await _bed.Http.GetAsync("/v1/explain?service=mail&from=127.0.0.1")).Is(200).Json;

        Assert.Equal($"The client is proxied to primary ({_bed.Primary.EndPoint}); if it cannot be reached, to {_bed.SecondName}.",
            explain.GetProperty("outcome").GetString());
        Assert.Equal("connected", explain.GetProperty("candidates")[0].GetProperty("attempts")[0].GetProperty("outcome").GetString());
        Assert.False((await _bed.Http.GetAsync("/v1/explain?service=mail&from=192.0.2.1")).Json.GetProperty("listeners")[0]
            .GetProperty("reachable").GetBoolean());
        foreach ((string target, string detail) in new[]
        {
            ("/v1/explain?service=mail", "\"from\" is missing"),
            ("/v1/explain?from=127.0.0.1", "\"service\" is missing"),
            ("/v1/explain?service=mial&from=127.0.0.1", "there is no service \"mial\", expected one of mail"),
            ("/v1/explain?service=mail&from=127.1", "\"127.1\""),
            ("/v1/explain?service=mail&from=127.0.0.1:25", "expected an IPv4 or IPv6 address without a port"),
            ("/v1/explain?service=mail&from=fe80::1%25lo", "names no interface"),
        })
            Assert.Contains(detail, (await _bed.Http.GetAsync(target)).Is(400).Detail);
    }

    [Fact]
    public async Task Drain_EndsTheProcess_WhenItsSessionsHave()
    {
        using TestClient client = await _bed.JoinAsync();

        AdminAnswer first = (await _bed.Http.PostAsync("/v1/drain", """{"timeout":"1h"}""")).Is(202);
        AdminAnswer second = (await _bed.Http.PostAsync("/v1/drain", """{"timeout":"0s"}""")).Is(202);

        Assert.Equal((true, 1), (first.Json.GetProperty("started").GetBoolean(), first.Json.GetProperty("sessions").GetInt32()));
        Assert.False(second.Json.GetProperty("started").GetBoolean());
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(_bed.Listen), "it has stopped listening");
        Assert.StartsWith("the process is draining", (await _bed.Http.GetAsync("/readyz")).Is(503).Body);
        Assert.Equal("draining", (await _bed.Http.GetAsync("/v1/status")).Json.GetProperty("state").GetString());
        Assert.StartsWith("No listener is open",
            (await _bed.Http.GetAsync("/v1/explain?service=mail&from=127.0.0.1")).Json.GetProperty("outcome").GetString());
        await Ends.AssertEchoAsync(client, "still here");
        await _bed.WaitForAuditAsync(" 6200 ", "change=drain", "result=\"1 session, at most 1h\"");
        await _bed.WaitForAuditAsync(" 6201 ", "change=drain", "an earlier request applies");

        client.Dispose();
        Assert.Equal(ExitCodes.Ok, await _bed.Proxy.Child.WaitForExitAsync());
    }

    [Fact]
    public async Task Drain_WithItsTimeOver_ResetsWhatIsLeft()
    {
        using TestClient client = await _bed.JoinAsync();

        (await _bed.Http.PostAsync("/v1/drain", """{"timeout":"8d"}""")).Is(400);
        (await _bed.Http.PostAsync("/v1/drain", """{"timeout":0}""")).Is(400);
        (await _bed.Http.PostAsync("/v1/drain", """{"timeout":"0s"}""")).Is(202);

        await Ends.AssertResetAsync(client);
        Assert.Equal(ExitCodes.Ok, await _bed.Proxy.Child.WaitForExitAsync());
    }

    [Fact]
    public async Task Drain_AfterASignal_IsToldThatItCameSecond()
    {
        using TestClient client = await _bed.JoinAsync();
        _bed.Proxy.Child.Signal(UnixSignal.Terminate);
        await Eventually.HoldsAsync(() => !ListeningSockets.Covers(_bed.Listen), "it has stopped listening");

        Assert.False((await _bed.Http.PostAsync("/v1/drain")).Is(202).Json.GetProperty("started").GetBoolean());
    }
}
