using System.Net.Sockets;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>Who is let in over TCP, and what those who are not can take from the others.</summary>
public sealed class AdminTcpTests
{
    private const string Authorized = $"Authorization: Bearer {TcpBed.Token}\r\n";

    /// <summary>Of tcp.h: the option, and the state of a connection that was reset.</summary>
    private const int TcpInfo = 11;

    private const byte TcpClose = 7;

    private static readonly AdminRoute WhoAmI = new("GET", "/v1/who",
        r => Answer.TextAsync(r.Context, $"{r.Caller.Author}|{r.Caller.Origin}"));

    private static readonly AdminRoute Body = new("PUT", "/v1/body",
        async r => await Answer.TextAsync(r.Context, $"{(await r.ReadBytesAsync()).Length}"));

    [Theory]
    [InlineData("", "Bearer", "no token")]
    [InlineData("Authorization: Basic c2VjcmV0\r\n", "Bearer", "no token")]
    [InlineData($"Authorization: {TcpBed.Token}\r\n", "Bearer", "no token")]
    [InlineData($"Authorization: Bearer{TcpBed.Token}\r\n", "Bearer", "no token")]
    [InlineData(Authorized + Authorized, "Bearer", "no token")]
    [InlineData("Authorization: Bearer\r\n", "Bearer", "no token")]
    [InlineData("Authorization: Bearer x\r\n", "Bearer error=\"invalid_token\"", "a wrong token")]
    [InlineData($"Authorization: Bearer {TcpBed.Token}x\r\n", "Bearer error=\"invalid_token\"", "a wrong token")]
    [InlineData("Authorization: Bearer secret-0123456789/Token\r\n", "Bearer error=\"invalid_token\"", "a wrong token")]
    [InlineData($"Authorization: Bearer {TcpBed.Token}, Bearer {TcpBed.Token}\r\n", "Bearer error=\"invalid_token\"", "a wrong token")]
    public async Task Token_WrongOrNone_IsRefusedAndLogged(string header, string challenge, string shown)
    {
        await using TcpBed bed = await TcpBed.StartAsync();

        foreach (string request in new[] { "GET /livez", "GET /v1/nothing", "GET /v1/status" })
        {
            string answer = await bed.AskAsync(header, request);
            AdminBed.Body(answer, 401);
            Assert.Contains($"\r\nWWW-Authenticate: {challenge}\r\n", answer);
            Assert.Contains("\r\nContent-Type: application/problem+json\r\n", answer);
        }
        // The clock of the log stands still: one line, however many requests.
        lock (bed.Lines)
        {
            Assert.Single(bed.Lines,
                l => l.Contains(" warning 6210 administrative interface: tcp 127.0.0.1:") && l.Contains($" showed {shown} "));
            Assert.DoesNotContain(bed.Lines, l => l.Contains(TcpBed.Token));
        }
    }

    [Theory]
    [InlineData(Authorized)]
    [InlineData($"authorization: bearer  {TcpBed.Token} \r\n")]
    public async Task Token_Right_IsLetIn(string header)
    {
        await using TcpBed bed = await TcpBed.StartAsync();

        Assert.Equal("ok\n", AdminBed.Body(await bed.AskAsync(header), 200));
        Assert.Equal("ok\n", AdminBed.Body(await bed.AskUnixAsync("GET /livez"), 200));
    }

    /// <summary>
    /// The server waits for another request when it ends the connection: a reset then would cut off an answer that is still on its way.
    /// </summary>
    [Theory]
    [InlineData(Authorized)]
    [InlineData("")]
    public async Task Connection_EndsUnderAReceive_InOrder(string header)
    {
        await using TcpBed bed = await TcpBed.StartAsync();
        for (int i = 0; i < 50; i++)
        {
            using TestClient client = await bed.ConnectAsync();
            await client.SendAsync($"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n");

            Assert.Contains("\r\n\r\n", await client.ReceiveToEndAsync(), StringComparison.Ordinal);

            // With TCP_INFO (tcp(7)): a reset behind an end of stream shows in no receive.
            byte[] info = new byte[8];
            client.Socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, TcpInfo, info);
            Assert.NotEqual(TcpClose, info[0]);
        }
    }

    [Fact]
    public async Task Token_Wrong_BodyIsNotWaitedFor()
    {
        await using TcpBed bed = await TcpBed.StartAsync(routes: Body);
        using TestClient client = await bed.ConnectAsync();

        await client.SendAsync($"PUT /v1/body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");

        string answer = await client.ReceiveUntilAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", answer);
        Assert.Contains("\r\nConnection: close\r\n", answer);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:80", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("192.0.2.7:9470", true)]
    [InlineData("[::1]:9470", true)]
    [InlineData("[2001:db8::1]", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example:9470", false)]
    [InlineData(TcpBed.Name, false)]
    [InlineData("", false)]
    public async Task Host_WithoutTls_IsLocalhostOrAnAddress(string host, bool isTaken)
    {
        await using TcpBed bed = await TcpBed.StartAsync();

        AdminBed.Body(await bed.AskAsync(Authorized, host: host), isTaken ? 200 : 400);
    }

    [Theory]
    [InlineData(TcpBed.Name, "ok")]
    [InlineData("ADMIN.example", "ok")]
    [InlineData("a.wild.example", "ok")]
    [InlineData("127.0.0.1", "ok")]
    public async Task Tls_RealCurl_IsServedUnderTheCertificatesNames(string host, string expected)
    {
        await using TcpBed bed = await TcpBed.StartAsync(tls: true);

        ProcessResult curl = await bed.CurlAsync(host, "/livez");

        Assert.Equal(expected, curl.Output.TrimEnd());
        lock (bed.Lines) Assert.Contains(bed.Lines, l => l.Contains($"is on {bed.EndPoint} with TLS"));
    }

    [Theory]
    [InlineData("evil.example", "the Host must be localhost or an IP address, or a name of the server's certificate")]
    [InlineData("common.example", "the Host must be localhost or an IP address, or a name of the server's certificate")]
    [InlineData("x.a.wild.example", "the Host must be localhost or an IP address, or a name of the server's certificate")]
    public async Task Tls_OtherHost_IsRefused(string host, string detail)
    {
        await using TcpBed bed = await TcpBed.StartAsync(tls: true);

        ProcessResult curl = await bed.CurlAsync(TcpBed.Name, "/livez", "--header", $"Host: {host}", "--write-out", "%{http_code}");

        Assert.Contains(detail.Replace("'", "\\u0027"), curl.Output);
        Assert.EndsWith("400", curl.Output);
    }

    [Fact]
    public async Task Tls_Origin_IsRefusedWithTheRightTokenToo()
    {
        await using TcpBed bed = await TcpBed.StartAsync(tls: true);

        Assert.EndsWith("\n403",
            (await bed.CurlAsync(TcpBed.Name, "/livez", "--header", "Origin: null", "--write-out", "%{http_code}")).Output);
    }

    [Fact]
    public async Task Tls_LongAnswerAndBody_AreWhole()
    {
        await using TcpBed bed = await TcpBed.StartAsync(true, null, Body,
            new AdminRoute("GET", "/v1/long", r => Answer.BytesAsync(r.Context, new byte[1_000_000])));

        Assert.Equal(1_000_000, (await bed.CurlAsync(TcpBed.Name, "/v1/long", "--output", "-", "--write-out", "%{stderr}%{size_download}"))
            is { Error: var size } ? int.Parse(size) : 0);
        Assert.Equal("60000",
            (await bed.CurlAsync(TcpBed.Name, "/v1/body", "--request", "PUT", "--data-binary", new string('x', 60_000))).Output.TrimEnd());
    }

    [Fact]
    public async Task Tls_PlainRequest_IsClosedAndHoldsUpNobody()
    {
        await using TcpBed bed = await TcpBed.StartAsync(tls: true);
        using TestClient plain = await bed.ConnectAsync();

        await plain.SendAsync($"GET /livez HTTP/1.1\r\nHost: localhost\r\n{Authorized}\r\n");

        Assert.DoesNotContain("HTTP", await EndAsync(plain));
        Assert.Equal("ok", (await bed.CurlAsync(TcpBed.Name, "/livez")).Output.TrimEnd());
    }

    [Fact]
    public async Task Tls_SlowHandshakes_AreCutOffAndHoldUpNobody()
    {
        await using TcpBed bed = await TcpBed.StartAsync(tls: true, new AdminLimits { HandshakeTime = TimeSpan.FromSeconds(3) });
        List<TestClient> silent = [];
        for (int i = 0; i < AdminLimits.TcpConnectionsMax - 1; i++)
        {
            silent.Add(await bed.ConnectAsync());
            // The first bytes of a hello, and no more.
            if (i % 2 == 0) await silent[i].SendAsync("\x16\x03\x01\x02\x00\x01");
        }

        Assert.Equal("ok", (await bed.CurlAsync(TcpBed.Name, "/livez")).Output.TrimEnd());

        foreach (TestClient client in silent) Assert.DoesNotContain("HTTP", await EndAsync(client));
        Assert.Equal("ok", (await bed.CurlAsync(TcpBed.Name, "/livez")).Output.TrimEnd());
        foreach (TestClient client in silent) client.Dispose();
    }

    [Fact]
    public async Task Connections_BeyondTheLimit_AreClosedAndTheUnixSocketServes()
    {
        await using TcpBed bed = await TcpBed.StartAsync();
        List<TestClient> clients = [];
        for (int i = 0; i < AdminLimits.TcpConnectionsMax; i++)
        {
            clients.Add(await bed.ConnectAsync());
            await clients[i].SendAsync($"GET /livez HTTP/1.1\r\nHost: localhost\r\n{Authorized}\r\n");
            await clients[i].ReceiveUntilAsync("ok\n");
        }

        for (int i = 0; i < 5; i++)
        {
            using TestClient beyond = await bed.ConnectAsync();
            Assert.Equal("", await EndAsync(beyond));
        }
        Assert.Equal("ok\n", AdminBed.Body(await bed.AskUnixAsync("GET /livez"), 200));
        lock (bed.Lines)
            Assert.Single(bed.Lines,
                l => l.Contains(" warning 6211 administrative interface: a connection beyond the 32 that may be open at once was closed"));

        clients[0].Dispose();
        string answer = "";
        while (answer.Length == 0)
        {
            using TestClient again = await bed.ConnectAsync();
            await again.SendAsync($"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{Authorized}\r\n");
            answer = await EndAsync(again);
        }
        Assert.Equal("ok\n", AdminBed.Body(answer, 200));
        foreach (TestClient client in clients) client.Dispose();
    }

    [Fact]
    public async Task Body_ThatDrips_IsCutOff()
    {
        await using TcpBed bed = await TcpBed.StartAsync(routes: Body);
        using TestClient slow = await bed.ConnectAsync();
        await slow.SendAsync($"PUT /v1/body HTTP/1.1\r\nHost: localhost\r\n{Authorized}Content-Length: 1000\r\n\r\nx");

        Assert.Equal("ok\n", AdminBed.Body(await bed.AskAsync(Authorized), 200));
        Assert.StartsWith("HTTP/1.1 408 ", await slow.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Caller_IsTheUserOrTheAddress()
    {
        await using TcpBed bed = await TcpBed.StartAsync(routes: WhoAmI);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync($"GET /v1/who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{Authorized}\r\n");

        Assert.Equal($"token from {client.LocalEndPoint}|tcp {client.LocalEndPoint}\n",
            AdminBed.Body(await client.ReceiveToEndAsync(), 200));
        string unix = AdminBed.Body(await bed.AskUnixAsync("GET /v1/who"), 200);
        Assert.StartsWith(Environment.UserName + "|unix uid=", unix);
        Assert.EndsWith($" pid={Environment.ProcessId}\n", unix);
    }

    /// <summary>What came before the end, orderly or by a reset.</summary>
    private static async Task<string> EndAsync(TestClient client)
    {
        try
        {
            return await client.ReceiveToEndAsync();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }
    }
}
