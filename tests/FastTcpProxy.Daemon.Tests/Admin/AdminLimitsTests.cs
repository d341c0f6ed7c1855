using System.Net.Sockets;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The limits of the administrative interface, each at its edge, and that others are served meanwhile.</summary>
public sealed class AdminLimitsTests
{
    private const string Live = "GET /livez HTTP/1.1\r\nHost: localhost\r\n";

    [Theory]
    [InlineData(AdminLimits.BodyBytesMax, 200)]
    [InlineData(AdminLimits.BodyBytesMax + 1, 413)]
    public async Task Body_WithALength_IsBounded(int length, int status)
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        using TestClient client = await bed.ConnectAsync();

        await client.SendAsync($"{Live}Content-Length: {length}\r\n\r\n");
        // Refused before the body comes; served without waiting for it.
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReceiveUntilAsync("\r\n\r\n"));
    }

    [Fact]
    public async Task Body_100Megabytes_AreRefusedWithAProblem()
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        using (FileStream file = File.Create(bed.Folder["body"])) file.SetLength(100_000_000);

        ProcessResult curl = await Curl.RunAsync(bed.Path, "/v1/status", "--upload-file", bed.Folder["body"], "--write-out",
            "%{http_code} %{size_upload}");

        Assert.Contains("\"detail\":\"the body has 100000000 bytes, expected at most 65536\"", curl.Output);
        Assert.EndsWith("\n413 0", curl.Output);
    }

    [Fact]
    public async Task Body_InChunksWithoutEnd_IsCutOff()
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync($"{Live}Transfer-Encoding: chunked\r\n\r\n");
        byte[] chunk = [.. "4000\r\n"u8, .. new byte[0x4000], .. "\r\n"u8];
        long sent = 0;

        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (sent < 100_000_000)
            {
                await client.SendAsync(chunk);
                sent += chunk.Length;
            }
        });

        // What the pipe and the socket's buffers hold comes on top of the limit.
        Assert.InRange(sent, 0, 2_000_000);
    }

    [Theory]
    [InlineData(3000, "HTTP/1.1 404 ")]
    [InlineData(AdminLimits.RequestLineBytesMax, "HTTP/1.1 414 ")]
    [InlineData(1_000_000, "HTTP/1.1 414 ")]
    public async Task RequestLine_IsBounded(int length, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        Assert.StartsWith(expected,
            await AnswerAsync(bed, $"GET /{new string('x', length)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    }

    [Theory]
    [InlineData(AdminLimits.HeaderBytesMax - 200, "HTTP/1.1 200 ")]
    [InlineData(AdminLimits.HeaderBytesMax, "HTTP/1.1 431 ")]
    [InlineData(1_000_000, "HTTP/1.1 431 ")]
    public async Task HeaderBytes_AreBounded(int length, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        Assert.StartsWith(expected, await AnswerAsync(bed, $"{Live}Connection: close\r\nX: {new string('x', length)}\r\n\r\n"));
    }

    [Theory]
    [InlineData(AdminLimits.HeadersMax - 2, "HTTP/1.1 200 ")]
    [InlineData(AdminLimits.HeadersMax - 1, "HTTP/1.1 431 ")]
    public async Task HeaderCount_IsBounded(int count, string expected)
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        Assert.StartsWith(expected, await AnswerAsync(bed,
            $"{Live}Connection: close\r\n{string.Concat(Enumerable.Range(0, count).Select(i => $"X{i}: 1\r\n"))}\r\n"));
    }

    [Fact]
    public async Task Headers_ThatDrip_AreCutOffAndHoldUpNobody()
    {
        await using AdminBed bed = await AdminBed.StartAsync(limits: new AdminLimits { HeaderTime = TimeSpan.FromSeconds(1) });
        using TestClient slow = await bed.ConnectAsync();
        await slow.SendAsync(Live);
        Task<string> answer = slow.ReceiveToEndAsync();

        int drops = 0;
        await Eventually.HoldsAsync(
            () =>
            {
                if (answer.IsCompleted) return true;
                _ = Drop(slow);
                drops++;
                return false;
            }, "the server gives up");

        try
        {
            Assert.StartsWith("HTTP/1.1 408 ", await answer);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // A drop that was on its way when the server closed: the kernel answers it by a reset, which takes the unread 408 with it.
        }
        Assert.True(drops > 1, "it was cut off at once");
        Assert.Equal("ok\n", AdminBed.Body(await bed.AskAsync("GET /livez"), 200));

        static async Task Drop(TestClient client)
        {
            try
            {
                await client.SendAsync("X");
            }
            catch (SocketException)
            {
                // It was cut off: the answer says how.
            }
        }
    }

    [Fact]
    public async Task Connection_WithoutARequest_IsClosed()
    {
        await using AdminBed bed = await AdminBed.StartAsync(limits: new AdminLimits { KeepAliveTime = TimeSpan.FromSeconds(1) });
        using TestClient silent = await bed.ConnectAsync();
        using TestClient done = await bed.ConnectAsync();
        await done.SendAsync(Live + "\r\n");
        await done.ReceiveUntilAsync("ok\n");

        Assert.Equal("", await silent.ReceiveToEndAsync());
        Assert.Equal("", await done.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Connections_BeyondTheLimit_AreClosedUntilOneEnds()
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        List<TestClient> clients = [];
        for (int i = 0; i < AdminLimits.ConnectionsMax; i++)
        {
            clients.Add(await bed.ConnectAsync());
            await clients[i].SendAsync(Live + "\r\n");
            await clients[i].ReceiveUntilAsync("ok\n");
        }

        for (int i = 0; i < 20; i++) Assert.Equal("", await TryAskAsync(bed));
        lock (bed.Lines) Assert.Single(bed.Lines, l => l.Contains(" warning 6211 "));

        clients[0].Dispose();
        string answer = "";
        while (answer.Length == 0) answer = await TryAskAsync(bed).WaitAsync(Deadline.Patient);
        Assert.Equal("ok\n", AdminBed.Body(answer, 200));
        foreach (TestClient client in clients) client.Dispose();
    }

    /// <summary>Each has its place from its accept on, and not from its first request.</summary>
    [Fact]
    public async Task Connections_ThatSayNothing_CountAgainstTheLimit()
    {
        const int Limit = 3;
        await using AdminBed bed = await AdminBed.StartAsync(limits: new AdminLimits { Connections = Limit });
        List<TestClient> silent = [];
        for (int i = 0; i < Limit; i++) silent.Add(await bed.ConnectAsync());

        for (int i = 0; i < 2 * Limit; i++)
        {
            using TestClient beyond = await bed.ConnectAsync();
            Assert.Equal("", await beyond.ReceiveToEndAsync().WaitAsync(Deadline.Patient));
        }

        silent[0].Dispose();
        string answer = "";
        while (answer.Length == 0) answer = await TryAskAsync(bed).WaitAsync(Deadline.Patient);
        Assert.Equal("ok\n", AdminBed.Body(answer, 200));
        foreach (TestClient client in silent) client.Dispose();
    }

    [Fact]
    public async Task Reader_ThatStops_IsCutOff()
    {
        // 20 MB: more than the socket's buffers take.
        FakeStatus status = new(Enumerable.Range(0, 10_000).Select(_ => FakeStatus.Mail).ToArray());
        await using AdminBed bed = await AdminBed.StartAsync(status);
        using TestClient client = await bed.ConnectAsync();
        await client.SendAsync("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await client.ReceiveExactlyAsync(1000);

        await Eventually.HoldsAsync(() => IsClosedByServer(client.Socket), "the server closes the connection");
    }

    private static bool IsClosedByServer(Socket socket)
    {
        try
        {
            socket.Send("x"u8);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task<string> TryAskAsync(AdminBed bed)
    {
        try
        {
            return await bed.AskAsync("GET /livez");
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <summary>Sends all that the server takes of it.</summary>
    private static async Task<string> AnswerAsync(AdminBed bed, string request)
    {
        using TestClient client = await bed.ConnectAsync();
        try
        {
            await client.SendAsync(request);
        }
        catch (SocketException)
        {
            // Refused before it was whole.
        }
        return await client.ReceiveUntilAsync("\r\n\r\n");
    }
}
