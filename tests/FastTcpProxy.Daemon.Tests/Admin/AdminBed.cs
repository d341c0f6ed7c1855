using System.Collections.Immutable;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using Microsoft.Extensions.Time.Testing;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The real server on a socket of its own. The test that made it disposes it.</summary>
internal sealed class AdminBed : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly AdminServer _server;

    private AdminBed(TempFolder folder, AdminServer server, List<string> lines, FakeTimeProvider time)
    {
        Time = time;
        _folder = folder;
        _server = server;
        Lines = lines;
    }

    public string Path => _folder["admin.sock"];

    /// <summary>It stands still until it is moved.</summary>
    public FakeTimeProvider Time { get; }

    /// <summary>A folder that goes with the bed.</summary>
    public TempFolder Folder => _folder;

    /// <summary>What the operational log got; lock it.</summary>
    public List<string> Lines { get; }

    /// <param name="routes">Beside those that there are in the program.</param>
    public static async Task<AdminBed> StartAsync(IStatusSource? status = null, AdminLimits? limits = null,
        params ImmutableArray<AdminRoute> routes)
    {
        TempFolder folder = new("admin");
        List<string> lines = [];
        void Add(string line)
        {
            lock (lines) lines.Add(line);
        }
        FakeTimeProvider time = new(FakeStatus.Start);
        AdminServer server = await AdminServer.StartAsync(
            folder["admin.sock"],
            [.. FakeStatus.Routes(status ?? new FakeStatus(FakeStatus.Mail)), .. routes],
            time,
            new OperationalLog(time, new EventLines(Add)),
            limits).WaitAsync(Deadline.Patient);
        return new AdminBed(folder, server, lines, time);
    }

    public Task<TestClient> ConnectAsync() => Ends.ConnectUnixAsync(Path);

    /// <summary>Sends the head of a request with Host and Connection: close, and returns all that comes back.</summary>
    public async Task<string> AskAsync(string requestLine, string headers = "")
    {
        using TestClient client = await ConnectAsync();
        await client.SendAsync($"{requestLine} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
        return await client.ReceiveToEndAsync();
    }

    /// <summary>The body of an answer whose status is as expected.</summary>
    public static string Body(string answer, int status)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        return answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
