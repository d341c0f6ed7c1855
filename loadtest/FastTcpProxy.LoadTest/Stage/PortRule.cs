using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// While it exists connects to a port fail: nftables drops or rejects the first packet of each connection, or of some, in the network
/// namespace of the program. Connections that are there, or in the listener's queue, continue. It owns the table, named after the port.
/// </summary>
internal sealed class PortRule : IAsyncDisposable
{
    /// <summary>No answer; or the one of a port on which no one listens.</summary>
    public const string Drop = "drop", Reject = "reject with tcp reset";

    /// <summary>Of a hundred packets one is lost.</summary>
    public const string LoseOnePercent = "numgen random mod 100 < 1 drop";

    /// <summary>The first packet of each connection is lost, and the second, which comes a second later, is not.</summary>
    public const string LoseTheFirst = "ip saddr . tcp sport != @seen add @seen { ip saddr . tcp sport } drop";

    private const string Nft = "/usr/sbin/nft";

    /// <summary>Whether nftables is installed.</summary>
    public static bool IsAvailable => File.Exists(Nft);

    private readonly string _table;

    private PortRule(string table) => _table = table;

    /// <exception cref="Model.StageException">The rule cannot be made.</exception>
    public static async Task<PortRule> StartAsync(int port, string action)
    {
        string table = $"fasttcpproxy_load_{port}";
        ProcessResult result = await ChildProcess.RunAsync(Nft, ["-f", "-"], $$"""
            table ip {{table}} {
                set seen {
                    type ipv4_addr . inet_service
                    size 65535
                    flags dynamic,timeout
                    timeout 2s
                }
                chain input {
                    type filter hook input priority 0;
                    tcp dport {{port}} tcp flags & (syn | ack) == syn {{action}}
                }
            }

            """);
        return result.ExitCode == 0
            ? new PortRule(table)
            : throw new Model.StageException(
                $"nft cannot {action} packets: {result.Error.Trim()} (Debian: apt-get install nftables; --no-namespace does without)");
    }

    /// <summary>
    /// It does not block: completions run inline here, and on the thread that carries them a wait for one would last for ever.
    /// </summary>
    public async ValueTask DisposeAsync() => await ChildProcess.RunAsync(Nft, ["delete", "table", "ip", _table]);
}
