using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// While it exists nobody can connect to a port: nftables drops the first packet of each connection, in the network namespace of the program. Connections that
/// are there go on. It owns the table, named after the port.
/// </summary>
internal sealed class DroppedPort : IDisposable
{
    private readonly string _table;

    private DroppedPort(string table) => _table = table;

    /// <exception cref="Model.StageException">The rule cannot be made.</exception>
    public static async Task<DroppedPort> StartAsync(int port)
    {
        string table = $"fasttcpproxy_load_{port}";
        ProcessResult result = await ChildProcess.RunAsync("/usr/sbin/nft", ["-f", "-"], $$"""
            table ip {{table}} {
                chain input {
                    type filter hook input priority 0;
                    tcp dport {{port}} tcp flags & (syn | ack) == syn drop
                }
            }

            """);
        return result.ExitCode == 0 ? new DroppedPort(table) : throw new Model.StageException($"nft cannot drop packets: {result.Error.Trim()}");
    }

    public void Dispose() => ChildProcess.RunAsync("/usr/sbin/nft", ["delete", "table", "ip", _table]).GetAwaiter().GetResult();
}
