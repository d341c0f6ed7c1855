using System.Text.Json;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>What the administrative interface answers, byte for byte where programs rely on it.</summary>
public sealed class AdminAnswerTests
{
    [Fact]
    public async Task Status_HasEveryServiceUpstreamAndCheck()
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        string answer = await bed.AskAsync("GET /v1/status");

        string expected =
            """
            {"version":"VERSION","pid":PID,"startedAt":"2026-02-03T04:05:06.789Z","state":"serving","ready":true,"notReady":[],"stored":false,
            "config":{"source":"/etc/fasttcpproxy.json","loadedAt":"2026-02-03T04:05:06.789Z","author":"start","lastFailure":null},"generations":[],"services":[{"name":"mail","listen":["[::]:25","unix:/run/mail.sock"],"sessions":12,"allDown":false,"order":null,"upstreams":[
            {"name":"primary","configured":{"address":"192.0.2.10:25","mode":"proxy-v2","enabled":true,"place":1},"override":null,"health":{"state":"down","checked":true,"reason":"connect timed out","since":"2026-02-03T04:06:06.789Z","flapping":false,"transitions":1,"checks":17,
            "lastCheck":{"result":"bad","at":"2026-02-03T04:06:06.789Z","durationMs":6003.1,"probes":[
            {"result":"good","reason":"status 200","durationMs":3.1},
            {"result":"bad","reason":"connect timed out","durationMs":5000,"failure":"connectTimeout"}]},"nextCheck":"2026-02-03T04:06:21.789Z"},"serving":false,"why":"down","sessions":3,"traffic":null,"standing":null,"headerDoubt":null},
            {"name":"secondary","configured":{"address":"mail-b.example:25","mode":"proxy-v2","enabled":true,"place":1},"override":null,"health":{"state":"up","checked":true,"reason":"status 200","since":"2026-02-03T04:05:56.789Z","flapping":true,"transitions":9,"checks":1234,
            "lastCheck":{"result":"good","at":"2026-02-03T04:06:11.789Z","durationMs":12,"probes":[
            {"result":"good","reason":"status 200","durationMs":12}]},"nextCheck":"2026-02-03T04:06:26.789Z"},"serving":true,"why":"up","sessions":3,"traffic":null,"standing":null,"headerDoubt":null},
            {"name":"third","configured":{"address":"[2001:db8::25]:25","mode":"proxy-v2","enabled":true,"place":1},"override":null,"health":{"state":"initial","checked":true,"reason":"not checked yet","since":"2026-02-03T04:05:06.789Z","flapping":false,"transitions":0,"checks":0,"lastCheck":null,"nextCheck":"2026-02-03T04:05:07.789Z"},"serving":true,"why":"up","sessions":3,"traffic":null,"standing":null,"headerDoubt":null},
            {"name":"spare","configured":{"address":"192.0.2.13:25","mode":"proxy-v2","enabled":true,"place":1},"override":null,"health":{"state":"unchecked","checked":false,"reason":"no check is configured","since":null,"flapping":false,"transitions":0,"checks":0,"lastCheck":null,"nextCheck":null},"serving":true,"why":"up","sessions":3,"traffic":null,"standing":null,"headerDoubt":null}],"readiness":"ready","traffic":null}],"readiness":"ready","degraded":[],"draining":null,"trouble":[],"traffic":null,"loopLagMs":null,"generationsMore":0}
            """.ReplaceLineEndings("").Replace("VERSION", ProgramVersion.Text).Replace("PID", $"{Environment.ProcessId}");
        Assert.Equal(expected + "\n", AdminBed.Body(answer, 200));
        Assert.Contains("\r\nContent-Type: application/json\r\n", answer);
        Assert.Contains("\r\nCache-Control: no-store\r\n", answer);
        Assert.DoesNotContain("\r\nServer:", answer);
    }

    [Fact]
    public async Task Status_HostileText_StaysPrintableAscii()
    {
        FakeStatus status = new(FakeStatus.Mail with { Name = "\e[2J\r\n\u202e\u009b\"<é" });
        await using AdminBed bed = await AdminBed.StartAsync(status);

        string body = AdminBed.Body(await bed.AskAsync("GET /v1/status"), 200);

        Assert.All(body.TrimEnd('\n'), c => Assert.InRange(c, ' ', '~'));
        Assert.Equal("\e[2J\r\n\u202e\u009b\"<é",
            JsonDocument.Parse(body).RootElement.GetProperty("services")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Livez_SaysOk()
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        Assert.Equal("ok\n", AdminBed.Body(await bed.AskAsync("GET /livez"), 200));
    }

    [Fact]
    public async Task Head_HasTheHeadersOfGetAndNoBody()
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        string answer = await bed.AskAsync("HEAD /livez");

        Assert.Equal("", AdminBed.Body(answer, 200));
        Assert.Contains("\r\nContent-Length: 3\r\n", answer);
    }

    [Fact]
    public async Task Connection_ServesRequestAfterRequest()
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        using TestClient client = await bed.ConnectAsync();

        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReceiveUntilAsync("ok\n"));
        }
    }

    [Theory]
    [InlineData("GET /", 404, "Not Found", "no route has this path")]
    [InlineData("GET /v1/Status", 404, "Not Found", "no route has this path")]
    [InlineData("GET /v1/status/", 404, "Not Found", "no route has this path")]
    [InlineData("GET /v1/%2e%2e/livez/x", 404, "Not Found", "no route has this path")]
    [InlineData("DELETE /v1/status", 405, "Method Not Allowed", "DELETE is not allowed here, expected GET, HEAD")]
    [InlineData("POST /livez", 405, "Method Not Allowed", "POST is not allowed here, expected GET, HEAD")]
    [InlineData("get /livez", 405, "Method Not Allowed", "get is not allowed here, expected GET, HEAD")]
    public async Task Route_Unknown_IsAProblem(string request, int status, string title, string detail)
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        string answer = await bed.AskAsync(request);

        AssertProblem(answer, status, title, detail);
        Assert.Equal(status == 405, answer.Contains("\r\nAllow: GET, HEAD\r\n"));
    }

    [Theory]
    [InlineData("Origin: http://localhost\r\n", 403, "Forbidden",
        "a request with an Origin comes from a browser, and browsers are not served")]
    [InlineData("Origin: null\r\n", 403, "Forbidden", "a request with an Origin comes from a browser, and browsers are not served")]
    [InlineData("Origin:\r\n", 403, "Forbidden", "a request with an Origin comes from a browser, and browsers are not served")]
    public async Task Browser_IsRefused(string header, int status, string title, string detail)
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        AssertProblem(await bed.AskAsync("GET /v1/status", header), status, title, detail);
    }

    [Theory]
    [InlineData("Host: evil.example\r\n")]
    [InlineData("Host: localhost:80\r\n")]
    [InlineData("Host: localhost.evil.example\r\n")]
    [InlineData("Host:\r\n")]
    public async Task Host_OtherThanLocalhost_IsRefused(string header)
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        using TestClient client = await bed.ConnectAsync();

        await client.SendAsync($"GET /v1/status HTTP/1.1\r\nConnection: close\r\n{header}\r\n");

        AssertProblem(await client.ReceiveToEndAsync(), 400, "Bad Request", "the Host must be localhost");
    }

    [Theory]
    [InlineData("GET /livez HTTP/1.1\r\n\r\n")]
    [InlineData("GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /livez\0 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /livez%00 HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("\x16\x03\x01\x02\x00 garbage\r\n\r\n")]
    public async Task Request_NotHttp_IsRefusedAndClosed(string request)
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        using TestClient client = await bed.ConnectAsync();

        await client.SendAsync(request);

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Defect_IsAProblemAndALineOfTheLog()
    {
        await using AdminBed bed = await AdminBed.StartAsync(new FakeStatus(() => throw new InvalidOperationException("secret")));

        string answer = await bed.AskAsync("GET /v1/status");

        AssertProblem(answer, 500, "Internal Server Error", "the request failed by a defect; the operational log reports it");
        lock (bed.Lines) Assert.Single(bed.Lines, l => l.Contains(" error 6002 ") && l.Contains("GET /v1/status") && l.Contains("secret"));
        Assert.Equal("ok\n", AdminBed.Body(await bed.AskAsync("GET /livez"), 200));
    }

    private static void AssertProblem(string answer, int status, string title, string detail)
    {
        Assert.Equal($$"""{"type":"about:blank","title":"{{title}}","status":{{status}},"detail":"{{detail}}"}""" + "\n",
            AdminBed.Body(answer, status));
        Assert.Contains("\r\nContent-Type: application/problem+json\r\n", answer);
        Assert.DoesNotContain("\r\nServer:", answer);
    }
}
