using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>How the real program starts, and what it says. Each test owns its process.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task Start_AddressInUse_NamesItAndExits1()
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        IPEndPoint address = (IPEndPoint)taken.LocalEndPoint!;
        using TempFolder folder = new("start");
        string path = folder.Write("proxy.json", Given.Service(address, FreePort.Loopback()));

        ProcessResult result = await ProxyExecutable.RunAsync(["run", "--config", path]);

        Assert.Equal(1, result.ExitCode);
        string line = Assert.Single(result.Error.Split('\n'), l => l.Contains(" error "));
        Assert.Contains(address.ToString(), line);
        Assert.Contains("\"s\"", line);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Fact]
    public async Task Start_SaysVersionLimitsListenersAndReady()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint),
            new ProxyOptions { Arguments = ["--threads", "1"] });

        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" 1002 ready"), "it is ready");

        string[] lines = proxy.Child.Error.Snapshot();
        Assert.Contains(lines, l => l.Contains(" info 1000 ") && l.Contains(", 1 socket thread"));
        Assert.Contains(lines, l => l.Contains(" info 2000 descriptors: "));
        Assert.Contains(lines, l => l.Contains(" info 2002 buffers: "));
        Assert.Contains(lines, l => l.EndsWith($" info 1001 service s listens on {listen}"));
    }

    [Fact]
    public async Task Start_BothWildcardsOnOnePort_ServesBothFamilies()
    {
        await using EchoUpstream upstream = new();
        int port = FreePort.Next();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(
            $$"""
            { "services": [{ "name": "s", "listen": ["0.0.0.0:{{port}}", "[::]:{{port}}"], "mode": "raw", "upstreams": [{ "address": "{{upstream.EndPoint}}" }] }] }
            """);

        await VisitAsync(new IPEndPoint(IPAddress.Loopback, port));
        await VisitAsync(new IPEndPoint(IPAddress.IPv6Loopback, port));

        await proxy.WaitForSessionAsync(s => s.GetProperty("listener").GetString() == $"0.0.0.0:{port}");
        await proxy.WaitForSessionAsync(s => s.GetProperty("listener").GetString() == $"[::]:{port}");
    }

    [Fact]
    public async Task Start_AdminOnTcp_AsksForTheTokenAndTheSocketDoesNot()
    {
        await using EchoUpstream upstream = new();
        using TempFolder folder = new("start");
        string token = folder.Write("token", "0123456789abcdef\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead);
        IPEndPoint admin = FreePort.Loopback();
        string configuration = Given.Service(FreePort.Loopback(), upstream.EndPoint).TrimEnd()[..^1]
            + $$""", "admin": { "socket": "{{folder["s"]}}", "listen": ["{{admin}}"], "tokenFile": "{{token}}" } }""";
        using ProxyProcess proxy = await ProxyProcess.StartAsync(configuration);
        await proxy.Child.Error.WaitForLineAsync(l => l.EndsWith($"the administrative interface is on {admin}"), "it is there");

        async Task<string> AskAsync(string header)
        {
            using TestClient client = await TestClient.ConnectAsync(admin);
            await client.SendAsync($"GET /livez HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n{header}\r\n");
            return await client.ReceiveToEndAsync();
        }
        Assert.StartsWith("HTTP/1.1 401 ", await AskAsync(""));
        Assert.StartsWith("HTTP/1.1 200 ", await AskAsync("Authorization: Bearer 0123456789abcdef\r\n"));
        Assert.Equal(0, (await ProxyExecutable.RunAsync(["status", "--socket", folder["s"]])).ExitCode);
    }

    [Fact]
    public async Task Start_MoreSessionsThanDescriptorsAllow_SaysWhatIsNeeded()
    {
        await using EchoUpstream upstream = new();
        using TempFolder folder = new("start");
        string path = folder.Write("proxy.json", Given.Service(FreePort.Loopback(), upstream.EndPoint, """{ "maxSessions": 5000 }"""));

        using ChildProcess proxy = ChildProcess.Start("/bin/sh", ["-c", "ulimit -Sn 512; ulimit -Hn 1024; exec \"$0\" \"$@\"",
            ProxyExecutable.FilePath, "run", "--config", path], ProxyExecutable.Environment);
        await proxy.Error.WaitForLineAsync(l => l.Contains(" 1002 ready"), "it is ready");

        Assert.Contains(proxy.Error.Snapshot(), l => l.Contains(" info 2000 descriptors: at most 1024, "));
        Assert.Contains(proxy.Error.Snapshot(),
            l => l.Contains(" warning 2001 descriptors: the hard limit 1024 allows") && l.Contains("maxSessions is 5000"));
    }

    /// <summary>With so few the runtime cannot even load what an error takes.</summary>
    [Theory]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    public async Task Start_TooFewDescriptorsToLoadTheProgram_SaysHowManyItTakes(int limit)
    {
        foreach (string command in (string[])["run --config /nowhere", "status --socket /nowhere", "check --config /nowhere"])
        {
            using ChildProcess program = ChildProcess.Start("/bin/sh",
                ["-c", $"ulimit -n {limit}; exec \"$0\" {command}", ProxyExecutable.FilePath], ProxyExecutable.Environment);

            Assert.Equal(1, await program.WaitForExitAsync());
            await program.Error.Ended;
            Assert.Equal($"error: the process may have {limit} descriptors, expected at least 128: "
                + "raise the hard limit (LimitNOFILE, ulimit -Hn)", Assert.Single(program.Error.Snapshot()));
        }
    }

    [Fact]
    public async Task Start_NameThatDoesNotResolve_StartsAndServesTheOthers()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        string configuration =
            $$"""
            { "services": [{ "name": "s", "listen": ["{{listen}}"], "mode": "raw",
              "upstreams": [{ "name": "gone", "address": "no-such-name.invalid:25" }, { "name": "u", "address": "localhost:{{upstream.EndPoint.Port}}" }] }] }
            """;
        using ProxyProcess proxy = await ProxyProcess.StartAsync(configuration);
        using TestClient client = await TestClient.ConnectAsync(listen);

        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReceiveUntilAsync("hello"));

        await proxy.Child.Error.WaitForLineAsync(l => l.Contains(" warning 3001 no-such-name.invalid does not resolve"), "it is said");
    }

    [Theory]
    [InlineData("tcplog", @"^127\.0\.0\.1:\d+ \[.+\] s s/u 0/\d+/\d+ 5 -- 1/1/0/0/0 0/0$")]
    [InlineData("tcplog-id", @"^127\.0\.0\.1:\d+ \[.+\] s s/u 0/\d+/\d+ 5 -- 1/1/0/0/0 0/0 [0-9a-f]{12}-\d+$")]
    [InlineData("json", @"^\{""time"":.+""reason"":""client\.relay\.ended""\}$")]
    public async Task LogFormat_IsThatOfTheCommandLine(string format, string expected)
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint),
            new ProxyOptions { LogFormat = format });
        await VisitAsync(listen);

        string line = await proxy.Child.Output.WaitForLineAsync(_ => true, "a session's line");

        Assert.Matches(expected, line);
    }

    [Fact]
    public async Task LogFormatNone_PrintsNothing()
    {
        await using EchoUpstream upstream = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(Given.Service(listen, upstream.EndPoint),
            new ProxyOptions { LogFormat = "none" });
        await VisitAsync(listen);

        Assert.Equal(0, await proxy.StopAsync());
        await proxy.Child.Output.Ended;

        Assert.Empty(proxy.Child.Output.Snapshot());
    }

    internal static async Task VisitAsync(IPEndPoint listen)
    {
        using TestClient client = await TestClient.ConnectAsync(listen);
        await client.SendAsync("hello");
        client.HalfClose();
        Assert.Equal("hello", await client.ReceiveToEndAsync());
    }
}
