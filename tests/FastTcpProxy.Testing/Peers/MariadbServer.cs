using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Peers;

/// <summary>
/// MariaDB with a data folder of its own and the user "check" without a password, which takes a PROXY header from loopback and writes all
/// warnings. Any thread; it owns its process.
/// </summary>
public sealed class MariadbServer : IDisposable
{
    private readonly string _socket;

    private MariadbServer(PeerProcess process, IPEndPoint endPoint, string socket)
    {
        Process = process;
        EndPoint = endPoint;
        _socket = socket;
    }

    public PeerProcess Process { get; }

    public IPEndPoint EndPoint { get; }

    /// <summary>What it has logged.</summary>
    public string[] Log => Process.Child.Error.Snapshot();

    public static async Task<MariadbServer> StartAsync()
    {
        var endPoint = FreePort.Loopback();
        var folder = new TempFolder("mariadb");
        var data = folder["data"];
        var made = await ChildProcess.RunAsync(RequiresPeer.MariadbInstallPath,
            ["--no-defaults", $"--datadir={data}", $"--user={Environment.UserName}", "--auth-root-authentication-method=normal",
                "--skip-test-db"]);
        if (made.ExitCode != 0)
            throw new InvalidOperationException("mariadb-install-db failed: " + made.Output + made.Error);
        var socket = folder["s"];
        var process = await PeerProcess.StartAsync(folder, RequiresPeer.MariadbPath,
            ["--no-defaults", $"--datadir={data}", $"--user={Environment.UserName}", $"--socket={socket}", $"--port={endPoint.Port}",
                $"--bind-address={endPoint.Address}", "--proxy-protocol-networks=127.0.0.0/8", "--log-warnings=4",
                "--performance-schema=ON", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=8M"],
            endPoint);
        var server = new MariadbServer(process, endPoint, socket);
        await server.QueryAsync("CREATE USER 'check'@'%'");
        return server;
    }

    /// <summary>The answer to a statement, one row a line; asked by the server's own client over its socket.</summary>
    public async Task<string> QueryAsync(string sql)
    {
        var answer = await ChildProcess.RunAsync(RequiresPeer.MariadbClientPath,
            ["--no-defaults", "--socket", _socket, "--user=root", "--skip-column-names", "--execute", sql]);
        return answer.ExitCode == 0 ? answer.Output : throw new InvalidOperationException(answer.Error);
    }

    public void Dispose() => Process.Dispose();
}
