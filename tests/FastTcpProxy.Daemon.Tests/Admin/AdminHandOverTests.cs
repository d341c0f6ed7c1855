using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>
/// A listening socket that one server leaves and another has: what the next process does with the descriptor is done here with a duplicate
/// of it.
/// </summary>
public sealed class AdminHandOverTests : IDisposable
{
    private readonly TempFolder _folder = new("hand");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Leave_LeavesTheFileAndTheSocketToTheOther()
    {
        AdminServer old = await StartAsync(AdminSocket.Bind(_folder["s"]), "old");
        int descriptor = dup(old.Descriptors[0].Descriptors[0]);
        using TestClient idle = await Ends.ConnectUnixAsync(_folder["s"]);
        Assert.Equal("old\n", await AskAsync(idle));

        old.Leave();
        await old.DisposeAsync();
        // No one accepts now: these wait in the queue of the one that is left.
        List<TestClient> queued = [];
        for (int i = 0; i < 10; i++)
        {
            queued.Add(await Ends.ConnectUnixAsync(_folder["s"]));
            await queued[i].SendAsync("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        AdminServer next = await StartAsync(AdminSocket.Adopt(descriptor, _folder["s"]), "new");

        foreach (TestClient client in queued) Assert.EndsWith("\r\n\r\nnew\n", await client.ReceiveUntilAsync("new\n"));
        using (TestClient later = await Ends.ConnectUnixAsync(_folder["s"])) Assert.Equal("new\n", await AskAsync(later));
        Assert.Equal("", await idle.ReceiveToEndAsync());
        Assert.True(File.Exists(_folder["s"]));

        await next.DisposeAsync();
        Assert.False(File.Exists(_folder["s"]));
        foreach (TestClient client in queued) client.Dispose();
    }

    [Fact]
    public async Task Leave_BothMayAcceptMeanwhile()
    {
        await using AdminServer old = await StartAsync(AdminSocket.Bind(_folder["s"]), "old");
        await using AdminServer next = await StartAsync(AdminSocket.Adopt(dup(old.Descriptors[0].Descriptors[0]), _folder["s"]), "new");
        for (int i = 0; i < 10; i++)
        {
            using TestClient client = await Ends.ConnectUnixAsync(_folder["s"]);
            Assert.Matches("^(old|new)\n$", await AskAsync(client));
        }

        old.Leave();
        await using AdminServer elsewhere = await StartAsync(AdminSocket.Bind(_folder["s.4711"]), "old elsewhere");

        for (int i = 0; i < 10; i++)
        {
            using TestClient client = await Ends.ConnectUnixAsync(_folder["s"]);
            Assert.Equal("new\n", await AskAsync(client));
        }
        using TestClient of = await Ends.ConnectUnixAsync(_folder["s.4711"]);
        Assert.Equal("old elsewhere\n", await AskAsync(of));
    }

    [Fact]
    public void Adopt_AnythingElse_IsAnErrorAndClosesIt()
    {
        using Socket connected = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using AdminSocket listening = AdminSocket.Bind(_folder["s"]);
        using FileStream file = File.Create(_folder["f"]);
        int[] descriptors = [dup((int)connected.Handle), dup((int)file.SafeFileHandle.DangerousGetHandle())];

        foreach (int descriptor in descriptors)
        {
            BindException e = Assert.Throws<BindException>(() => AdminSocket.Adopt(descriptor, _folder["s"]));
            Assert.StartsWith(
                $"admin.socket {_folder["s"]}: the descriptor {descriptor} that was handed over is not a listening UNIX socket", e.Message);
            Assert.False(Path.Exists($"/proc/self/fd/{descriptor}")
                && new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget == _folder["f"]);
        }
        Assert.True(File.Exists(_folder["s"]));
    }

    private static Task<AdminServer> StartAsync(AdminSocket socket, string name) =>
        AdminServer.StartAsync(AdminSockets.On(socket), [new AdminRoute("GET", "/who", r => Answer.TextAsync(r.Context, name))],
            TimeProvider.System, new OperationalLog(TimeProvider.System, new EventLines(_ => { }))).WaitAsync(Deadline.Patient);

    private static async Task<string> AskAsync(TestClient client)
    {
        await client.SendAsync("GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n");
        string head = await client.ReceiveUntilAsync("\r\n\r\n");
        string body = head[(head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        return body.EndsWith('\n') ? body : body + await client.ReceiveUntilAsync("\n");
    }

    [DllImport("libc")]
    private static extern int dup(int descriptor);
}
