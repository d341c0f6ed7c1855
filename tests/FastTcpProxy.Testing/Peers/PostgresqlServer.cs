using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// PostgreSQL with a data folder of its own, whose superuser "check" needs no password. Any thread; it owns its process. Needs root,
/// because the server refuses to run as root and is started as its own user.
/// </summary>
public sealed class PostgresqlServer : IDisposable
{
    private static readonly string[] AsItsUser = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];

    private PostgresqlServer(PeerProcess process, IPEndPoint endPoint)
    {
        Process = process;
        EndPoint = endPoint;
    }

    public PeerProcess Process { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>What it has logged.</summary>
    public string[] Log => Process.Child.Error.Snapshot();

    public static async Task<PostgresqlServer> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("postgres");
        var data = folder.MakeFolder("data");
        await RunAsync("/usr/bin/chown", "postgres", data);
        await RunAsync(RequiresPeer.SetprivPath, [.. AsItsUser, RequiresPeer.PostgresqlPath("initdb"), "--pgdata", data, "--auth=trust",
            "--username=check", "--no-sync"]);
        var process = await PeerProcess.StartAsync(folder, RequiresPeer.SetprivPath,
            [.. AsItsUser, RequiresPeer.PostgresqlPath("postgres"), "-D", data, "-p", endPoint.Port.ToString(),
                "-c", $"listen_addresses={endPoint.Address}", "-c", "unix_socket_directories=", "-c", "fsync=off",
                "-c", "shared_buffers=16MB"],
            endPoint);
        await process.Child.Error.WaitForLineAsync(
            line => line.Contains("ready to accept connections", StringComparison.Ordinal), "PostgreSQL is ready");
        return new PostgresqlServer(process, endPoint);
    }

    public void Dispose() => Process.Dispose();

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var result = await ChildProcess.RunAsync(program, arguments);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {result.Output}{result.Error}");
    }
}
