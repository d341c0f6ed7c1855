using System.Net;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>What an origin sees of a probe: the request, and the PROXY header before it.</summary>
public sealed class HttpRequestTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_Request_IsTheConfiguredOne(bool tls)
    {
        var (origin, heads) = Recording(tls);
        await using var owned = origin;
        var url = $"{origin.Scheme}://{origin.EndPoint}/a%20b/health?x=1&y=%2F";

        await Given.RunAsync(Given.Http(url));

        Assert.Equal($"GET /a%20b/health?x=1&y=%2F HTTP/1.1\r\nHost: {origin.EndPoint}\r\nConnection: close\r\n\r\n", heads[0]);
        Assert.Equal(heads[0], heads[1]);
    }

    [Fact]
    public async Task Probe_MethodHeadersAndBody_AreSentAsTheyStand()
    {
        var (origin, heads) = Recording(tls: false, bodyLength: 13);
        await using var owned = origin;

        var result = await Given.RunAsync(Given.Http(origin) with
        {
            Method = "REPORT",
            Headers = [new("Host", "mail.example:8080"), new("X-Check", "a, b;c=\"d\""), new("Content-Type", "text/x-odd"),
                new("User-Agent", "(odd")],
            Content = [.. "the content\r\n"u8],
        });

        Assert.Null(result.Failure);
        Assert.StartsWith("REPORT /health HTTP/1.1\r\n", heads[1]);
        string[] lines = heads[1].Split("\r\n");
        Assert.Single(lines, line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase));
        foreach (var line in new[] { "Host: mail.example:8080", "X-Check: a, b;c=\"d\"", "Content-Type: text/x-odd", "User-Agent: (odd",
            "Content-Length: 13" })
            Assert.Contains(line, lines);
        Assert.EndsWith("\r\n\r\nthe content\r\n", heads[1]);
    }

    [Theory]
    [InlineData("mail.example")]
    [InlineData("mail_1.example")]
    [InlineData("[2001:db8::1]:8080")]
    [InlineData("192.0.2.1")]
    public async Task Probe_HostHeader_IsSentOnceAsItStands(string host)
    {
        var (origin, heads) = Recording(tls: false);
        await using var owned = origin;

        Assert.Null((await Given.RunAsync(Given.Http(origin) with { Headers = [new("Host", host)] })).Failure);

        Assert.Equal([$"Host: {host}"], heads[0].Split("\r\n").Where(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Probe_HostHeaderThatIsNone_SaysSoAndSendsNothing()
    {
        var (origin, _) = Recording(tls: false);
        await using var owned = origin;

        var result = await Given.RunAsync(Given.Http(origin) with { Headers = [new("Host", "two words")] });

        Assert.Equal((ProbeFailure.Fault, "the Host header \"two words\" names no host"), (result.Failure, result.Text));
        Assert.Equal(0, origin.AcceptedCount);
    }

    /// <summary>The name that is asked for: the configured one, or else the Host header's, or else the URL's; no address is one.</summary>
    [Theory]
    [InlineData("asked.test", "host.test:8443", "asked.test")]
    [InlineData(null, "host.test:8443", "host.test")]
    [InlineData(null, null, "url.test")]
    [InlineData(null, "192.0.2.1:8443", "")]
    [InlineData("192.0.2.1", null, "")]
    public async Task Probe_ServerName_IsSeenByTheOrigin(string? serverName, string? host, string expected)
    {
        var name = "";
        await using var origin = new Origin(
            async connection =>
            {
                await connection.ReadHeadAsync();
                name = connection.ServerName;
                await connection.SendAsync(Ok);
                await connection.HoldAsync();
            },
            certificates.Good);

        var result = await Given.RunAsync(
            Given.Http($"https://url.test:{origin.EndPoint.Port}/") with
            {
                Headers = host is null ? [] : [new("Host", host)],
                Tls = new CheckTls { ServerName = serverName },
            },
            new FixedBook(("url.test", [IPAddress.Loopback])));

        Assert.Equal((null, expected), (result.Failure, name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_ProxyHeaderV1_NamesTheTrueEnds(bool tls)
    {
        string[] lines = ["", ""];
        await using var origin = WithHeader(tls, async connection =>
        {
            var line = new StringBuilder();
            while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
                line.Append((char)(await ReceiveAsync(connection, 1))[0]);
            lines = [line.ToString(),
                $"PROXY TCP4 127.0.0.1 "
                    + $"127.0.0.1 {((IPEndPoint)connection.RemoteEndPoint!).Port} {((IPEndPoint)connection.LocalEndPoint!).Port}\r\n"];
        });

        var result = await Given.RunAsync(Given.Http(origin) with { ProxyHeader = CheckProxyHeader.V1 });

        Assert.Equal((null, "status 200"), (result.Failure, result.Text));
        Assert.Equal(lines[1], lines[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Probe_ProxyHeaderV2_IsLocal(bool tls)
    {
        byte[] header = [];
        await using var origin = WithHeader(tls, async connection => header = await ReceiveAsync(connection, 16));

        var result = await Given.RunAsync(Given.Http(origin) with { ProxyHeader = CheckProxyHeader.V2 });

        Assert.Null(result.Failure);
        Assert.Equal([.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x20, 0, 0, 0], header);
    }

    private (Origin Origin, List<string> Heads) Recording(bool tls, int bodyLength = 0)
    {
        List<string> heads = [];
        return (new Origin(
            async connection =>
            {
                string head = await connection.ReadHeadAsync() + Encoding.Latin1.GetString(await connection.ReadExactlyAsync(bodyLength));
                // Each connection is served by a task of its own.
                lock (heads) heads.Add(head);
                await connection.SendAsync(Ok);
                await connection.HoldAsync();
            },
            tls ? certificates.Good : null), heads);
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
            have += await socket.ReceiveAsync(bytes.AsMemory(have)) is var got and > 0 ? got : throw new EndOfStreamException();
        return bytes;
    }

    private Origin WithHeader(bool tls, Func<Socket, Task> readHeader) => new(
        async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Ok);
            await connection.HoldAsync();
        },
        tls ? certificates.Good : null,
        first: readHeader);
}
