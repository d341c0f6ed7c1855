using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Net;

/// <summary>
/// Makes one TCP port of this machine a black hole while it exists: an nftables rule drops what is sent to it, so that a server behind it
/// falls silent and comes back. Needs root and nft; see <see cref="Peers.RequiresPeer.PacketFilter"/>.
/// One task at a time. It owns the nft process, which owns the table: the kernel removes it with the process, however that ends.
/// </summary>
public sealed class PacketDrop : IDisposable
{
    private readonly ChildProcess _nft;

    private PacketDrop(ChildProcess nft) => _nft = nft;

    /// <summary>Drops every packet to <paramref name="port"/>, those of open connections too.</summary>
    /// <exception cref="InvalidOperationException">The rule could not be made.</exception>
    public static async Task<PacketDrop> StartAsync(int port)
    {
        var table = $"fasttcpproxy_test_{port}";
        // "flags owner": no one else changes the table, and it goes when the process that made it ends (nft(8), kernel 5.12 and newer).
        var nft = ChildProcess.Start(Peers.RequiresPeer.NftPath, ["-i"], keepInput: true);
        try
        {
            nft.WriteInput(
                $"add table inet {table} {{ flags owner; chain input {{ type filter hook input priority 0; "
                + $"tcp dport {port} drop; }}; }}\n" +
                "list tables\n");
            await nft.Output.WaitForLineAsync(line => line.Contains(table, StringComparison.Ordinal), $"the nftables table {table}");
            return new PacketDrop(nft);
        }
        catch
        {
            nft.Dispose();
            throw;
        }
    }

    /// <summary>Lets the packets through again; it returns when the rule is gone.</summary>
    public void Dispose()
    {
        // The table goes when the kernel closes the process's netlink socket, which is before the process counts as ended.
        _nft.CloseInput();
        _nft.Dispose();
    }
}
