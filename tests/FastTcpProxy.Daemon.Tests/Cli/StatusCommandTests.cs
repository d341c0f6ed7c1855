using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Tests.Admin;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary><c>fasttcpproxy status</c>, the real program, against the real server and against what can be there instead.</summary>
public sealed class StatusCommandTests : IDisposable
{
    private readonly TempFolder _folder = new("status");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Status_SaysHowEachUpstreamIs()
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        ProcessResult result = await ProxyExecutable.RunAsync(["status", "--socket", bed.Path]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Contains("mail on [::]:25, unix:/run/mail.sock, 12 sessions", result.Output);
        Assert.Contains("bad: connect timed out (6.0 s, 2 probes)", result.Output);
        Assert.DoesNotContain('\e', result.Output);
    }

    [Fact]
    public async Task Status_Json_IsWhatTheServerSent()
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        ProcessResult result = await ProxyExecutable.RunAsync(["status", "--json", "-s", bed.Path]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(AdminBed.Body(await bed.AskAsync("GET /v1/status"), 200).TrimEnd('\n'), result.Output);
    }

    [Fact]
    public async Task Status_SocketOfTheEnvironment_IsUsedUnlessOneIsGiven()
    {
        await using AdminBed bed = await AdminBed.StartAsync();
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment) { ["FASTTCPPROXY_SOCKET"] = bed.Path };

        ProcessResult found = await ChildProcess.RunAsync(ProxyExecutable.FilePath, ["status"], environment: environment);
        ProcessResult given = await ChildProcess.RunAsync(ProxyExecutable.FilePath, ["status", "--socket", _folder["none"]],
            environment: environment);
        environment["FASTTCPPROXY_SOCKET"] = "";
        ProcessResult usual = await ChildProcess.RunAsync(ProxyExecutable.FilePath, ["status"], environment: environment);

        Assert.Equal(0, found.ExitCode);
        AssertFailed(given, $"{_folder["none"]}: no such socket");
        AssertFailed(usual, "/run/fasttcpproxy/admin.sock: no such socket");
    }

    [Fact]
    public async Task Status_OnATerminal_IsColoredAndKeepsToItsWidth()
    {
        await using AdminBed bed = await AdminBed.StartAsync();

        string colored = await OnTerminalAsync(bed.Path, 80, "TERM=xterm");
        string plain = await OnTerminalAsync(bed.Path, 80, "TERM=xterm NO_COLOR=1");
        string dumb = await OnTerminalAsync(bed.Path, 80, "TERM=dumb");

        Assert.Contains("\e[", colored);
        Assert.DoesNotContain('\e', plain);
        Assert.Equal(plain, dumb);
        Assert.All(plain.Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, 80));
        Assert.Contains("primary", plain);
    }

    [Fact]
    public async Task Status_NoSocket_SaysWhatToDo() =>
        AssertFailed(await RunAsync(_folder["none"]), "no such socket; is the proxy running, with this path as admin.socket (--socket, "
        + "FASTTCPPROXY_SOCKET)? If the file was deleted, SIGHUP makes the proxy bind it again");

    [Fact]
    public async Task Status_NoDirectory_SaysTheSame() =>
        AssertFailed(await RunAsync(_folder["none/admin.sock"]), "no such socket; is the proxy running");

    [Fact]
    public async Task Status_StaleSocket_SaysThatTheProxyIsGone()
    {
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(_folder["dead"]));
            File.Move(_folder["dead"], _folder["s"]);
        }

        AssertFailed(await RunAsync(_folder["s"]), "no process serves this socket: the proxy that made it has exited");
    }

    [Fact]
    public async Task Status_PlainFile_SaysSo() => AssertFailed(await RunAsync(_folder.Write("file", "x")), "the file is not a socket");

    [Fact]
    public async Task Status_OtherUser_IsToldWhoMay()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "another user needs root");
        string[] asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        ProcessResult reach =
            await ChildProcess.RunAsync("/usr/bin/setpriv", [.. asNobody, "/usr/bin/test", "-x", ProxyExecutable.FilePath]);
        Assert.SkipUnless(reach.ExitCode == 0, "another user cannot reach the program where it was built");
        await using AdminBed bed = await AdminBed.StartAsync();

        ProcessResult result = await ChildProcess.RunAsync(
            "/usr/bin/setpriv", [.. asNobody, ProxyExecutable.FilePath, "status", "--socket", bed.Path],
            environment: ProxyExecutable.Environment);

        AssertFailed(result, "permission denied; only root and the socket's owner and group may use it");
    }

    [Fact]
    public async Task Status_ServerThatHangs_IsGivenUp()
    {
        using FakeServer server = new(_folder["s"], null);
        using AdminClient client = new(new UnixTransport(_folder["s"]), TimeSpan.FromMilliseconds(200));

        AdminClientException e =
            await Assert.ThrowsAsync<AdminClientException>(() => client.GetAsync("/v1/status").WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.StartsWith($"{_folder["s"]}: no answer within 0.2 s: the process hangs", e.Message);
        Assert.Equal(TimeSpan.FromSeconds(5), AdminClient.Patience);
    }

    [Theory]
    [InlineData("", "the connection was closed without an answer")]
    [InlineData("SSH-2.0-x\r\n\r\n", "the answer is not HTTP")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "the answer broke off after 1 of 100 bytes")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{ \r\n", "the answer broke off after 2 bytes")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "cannot read the status; is this a fasttcpproxy of this version?")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull", "cannot read the status; is this a fasttcpproxy of this version?")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\e[J", "cannot read the status; is this a fasttcpproxy of this version?")]
    [InlineData("HTTP/1.1 301 Moved\r\nLocation: http://localhost/\e[2J\r\nContent-Length: 0\r\n\r\n",
        "the answer is a redirect (status 301) to \"http://localhost/\\u001b[2J\", which no fasttcpproxy sends")]
    [InlineData("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "the proxy refused: status 302")]
    [InlineData("HTTP/1.1 500 X\r\nContent-Type: application/problem+json\r\nContent-Length: "
        + "62\r\n\r\n{\"type\":\"a\",\"title\":\"b\",\"status\":500,\"detail\":\"c\\u001b[2J\"}    ", "status 500, c\\u001b[2J")]
    [InlineData("HTTP/1.1 500 X\r\nContent-Type: application/problem+json\r\nContent-Length: 1\r\n\r\n{", "the proxy refused: status 500")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n", "the answer exceeds 64 MiB")]
    public async Task Status_StrangeAnswer_IsSaidOnOneLine(string answer, string expected)
    {
        using FakeServer server = new(_folder["s"], answer);

        AssertFailed(await RunAsync(_folder["s"]), expected);
    }

    [Fact]
    public async Task Status_SocketPathTooLong_IsAWrongCommandLine()
    {
        ProcessResult result = await RunAsync("/" + new string('x', 107));

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("error: --socket: a path of 108 bytes, expected at most 107\nSee: ", result.Error);
    }

    private static Task<ProcessResult> RunAsync(string socket) => ProxyExecutable.RunAsync(["status", "--socket", socket]);

    /// <summary>Through script(1), which gives it a terminal.</summary>
    private static async Task<string> OnTerminalAsync(string socket, int columns, string environment)
    {
        string command = $"stty cols {columns}; env -u NO_COLOR {environment} {ProxyExecutable.FilePath} status --socket {socket}";
        ProcessResult result = await ChildProcess.RunAsync("/usr/bin/script", ["--quiet", "--return", "--command", command, "/dev/null"],
            environment: ProxyExecutable.Environment);
        Assert.Equal(0, result.ExitCode);
        // The runtime's own, for the keypad: no text and no color.
        return result.Output.Replace("\e[?1h\e=", "");
    }

    private static void AssertFailed(ProcessResult result, string said)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Output);
        Assert.StartsWith("error: ", result.Error);
        Assert.Contains(said, result.Error);
        Assert.DoesNotContain('\n', result.Error.TrimEnd('\n'));
        Assert.DoesNotContain('\e', result.Error);
    }

    /// <summary>Answers every connection with the same text and closes it; without a text it says nothing.</summary>
    private sealed class FakeServer : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly List<Socket> _silent = [];

        public FakeServer(string path, string? answer)
        {
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            new Thread(() => Serve(answer)) { IsBackground = true }.Start();
        }

        public void Dispose()
        {
            _listener.Dispose();
            foreach (Socket socket in _silent) socket.Dispose();
        }

        private void Serve(string? answer)
        {
            try
            {
                while (true)
                {
                    Socket socket = _listener.Accept();
                    if (answer is null)
                    {
                        _silent.Add(socket);
                        continue;
                    }
                    socket.Receive(new byte[4096]);
                    socket.Send(Encoding.UTF8.GetBytes(answer));
                    socket.Shutdown(SocketShutdown.Send);
                    socket.Dispose();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
