using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The socket's file: who may take it, who may connect, and when it goes.</summary>
public sealed class AdminSocketTests : IDisposable
{
    private readonly TempFolder _folder = new("adm");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_ReturnsWithASocketThatAnswersSoon()
    {
        Task<AdminServer> starting = StartAsync();

        using TestClient client = await Ends.ConnectUnixAsync(_folder["s"]);
        await client.SendAsync("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReceiveUntilAsync("ok\n"));

        await using AdminServer server = await starting;
    }

    [Fact]
    public async Task Stop_RemovesTheFileAndEndsConnections()
    {
        TestClient idle;
        await using (AdminServer server = await StartAsync())
        {
            idle = await Ends.ConnectUnixAsync(_folder["s"]);
            await idle.SendAsync("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await idle.ReceiveUntilAsync("ok\n");
        }

        Assert.False(File.Exists(_folder["s"]));
        using (idle) Assert.Equal("", await idle.ReceiveToEndAsync());
    }

    [Fact]
    public async Task Stop_WithARequestInProgress_IsBounded()
    {
        AdminServer server = await StartAsync(new AdminLimits { StopWait = TimeSpan.FromMilliseconds(100) });
        using TestClient client = await Ends.ConnectUnixAsync(_folder["s"]);
        await client.SendAsync("GET /livez HTTP/1.1\r\n");

        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        Assert.False(File.Exists(_folder["s"]));
    }

    [Fact]
    public void Bind_FileOfADeadProcess_IsReplaced()
    {
        LeaveStale(_folder["s"]);

        using AdminSocket socket = AdminSocket.Bind(_folder["s"]);

        using Socket client = Connect(_folder["s"]);
    }

    [Fact]
    public void Bind_CertificateThatCannotBeUsed_IsNamedWithWhatIsExpected()
    {
        File.WriteAllText(_folder["token"], new string('t', 40));
        File.SetUnixFileMode(_folder["token"], UnixFileMode.UserRead);
        File.WriteAllText(_folder["admin.pem"], "no certificate");
        AdminConfiguration configuration = new()
        {
            Listen =
            [
                new ConfiguredListenAddress
                {
                    Kind = AddressKind.Ip, Text = "127.0.0.1:0", EndPoint = new IPEndPoint(IPAddress.Loopback, 0),
                },
            ],
            TokenFile = _folder["token"],
            CertificateFile = _folder["admin.pem"],
        };

        BindException e = Assert.Throws<BindException>(() => AdminSockets.Bind(configuration));

        Assert.StartsWith($"admin.certFile: the file {_folder["admin.pem"]} cannot be used: ", e.Message);
        Assert.EndsWith("; expected a PEM file with a certificate, and its key there or in admin.keyFile", e.Message);
    }

    [Fact]
    public void Bind_ServedByAnotherProcess_IsAnErrorAndStaysServed()
    {
        using UnixEcho other = new();

        BindException e = Assert.Throws<BindException>(() => AdminSocket.Bind(other.Path));

        Assert.Equal($"admin.socket {other.Path}: the socket is served by another process (see: ss -lxp)", e.Message);
        Assert.Equal(0, other.AcceptedCount);
        using Socket client = Connect(other.Path);
    }

    [Fact]
    public void Bind_AnotherKindOfFile_IsAnErrorAndStays()
    {
        string path = _folder.Write("precious", "not a socket");

        BindException e = Assert.Throws<BindException>(() => AdminSocket.Bind(path));

        Assert.Equal($"admin.socket {path}: a file that is not a socket is there; move it away", e.Message);
        Assert.Equal("not a socket", File.ReadAllText(path));
    }

    [Fact]
    public void Bind_LinkToAFile_IsAnErrorAndLeavesTheFileItsMode()
    {
        string target = _folder.Write("target", "x");
        File.SetUnixFileMode(target, UnixFileMode.UserRead);
        File.CreateSymbolicLink(_folder["link"], target);

        Assert.Throws<BindException>(() => AdminSocket.Bind(_folder["link"]));

        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(target));
    }

    [Fact]
    public void Bind_DirectoryMissing_SaysSo()
    {
        string path = Path.Combine(_folder["none"], "s");

        BindException e = Assert.Throws<BindException>(() => AdminSocket.Bind(path));

        Assert.Equal($"admin.socket {path}: the directory {_folder["none"]} does not exist; "
            + "create it for the user that runs the proxy", e.Message);
    }

    [Fact]
    public void Bind_IsForOwnerAndGroupOnly_FromTheFirstMoment()
    {
        UnixFileMode seen = UnixFileMode.None;
        using CancellationTokenSource stop = new();
        Thread watcher = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    seen |= File.GetUnixFileMode(_folder["s"]);
                }
                catch (FileNotFoundException)
                {
                    // Between two of them.
                }
            }
        });
        watcher.Start();

        for (int i = 0; i < 500; i++)
        {
            using AdminSocket socket = AdminSocket.Bind(_folder["s"]);
            Assert.Equal(AdminSocket.Mode, File.GetUnixFileMode(_folder["s"]));
        }
        stop.Cancel();
        watcher.Join();

        Assert.Equal(UnixFileMode.None, seen & ~AdminSocket.Mode);
    }

    [Fact]
    public void Dispose_FileReplacedByAnother_LeavesIt()
    {
        AdminSocket first = AdminSocket.Bind(_folder["s"]);
        File.Delete(_folder["s"]);
        using AdminSocket second = AdminSocket.Bind(_folder["s"]);

        first.Dispose();

        using Socket client = Connect(_folder["s"]);
    }

    [Theory]
    [InlineData("65534", "65534", 7)]
    [InlineData("65534", "0", 0)]
    public async Task Connect_OtherUser_OnlyInTheGroup(string user, string group, int exitCode)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "another user needs root");
        await using AdminServer server = await StartAsync();

        ProcessResult curl = await Curl.RunAsync(
            ["/usr/bin/setpriv", $"--reuid={user}", $"--regid={group}", "--clear-groups"], _folder["s"], "/livez");

        Assert.Equal(exitCode, curl.ExitCode);
        Assert.Equal(exitCode == 0 ? "ok" : "", curl.Output);
    }

    private Task<AdminServer> StartAsync(AdminLimits? limits = null) =>
        AdminServer.StartAsync(_folder["s"], FakeStatus.Routes(new FakeStatus()), TimeProvider.System,
            new OperationalLog(TimeProvider.System, new EventLines(_ => { })), limits);

    private static void LeaveStale(string path)
    {
        // The framework removes the file of a socket that it disposes: a process that was killed does not.
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + ".dead"));
            File.Move(path + ".dead", path);
        }
        Assert.True(File.Exists(path));
    }

    private static Socket Connect(string path)
    {
        Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
        return client;
    }
}
