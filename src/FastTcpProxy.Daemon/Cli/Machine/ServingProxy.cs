using System.Collections.Immutable;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>The proxy that serves on this machine with the same <c>admin.socket</c>, as far as it answers. Immutable.</summary>
/// <param name="Pids">Its process, and those that drain.</param>
/// <param name="Listen">What it listens on, as its configuration says.</param>
internal sealed record ServingProxy(ImmutableArray<int> Pids, ImmutableHashSet<string> Listen)
{
    public int Pid => Pids[0];

    /// <summary>Null: none answers there, or not to this user.</summary>
    public static async Task<ServingProxy?> FindAsync(string? adminSocket)
    {
        if (adminSocket is null) return null;
        using AdminClient client = new(new UnixTransport(adminSocket), AdminClient.Patience);
        try
        {
            AdminAnswer answer = await client.GetAsync(AdminPaths.Status);
            StatusDocument status = answer.Read(DocumentContext.Default.StatusDocument, "status");
            return new ServingProxy([status.Pid, .. status.Generations.Select(g => g.Pid)],
                [.. status.Services.SelectMany(s => s.Listen)]);
        }
        catch (AdminClientException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether it is the one that is in the way. A process that this user cannot see is it when it says that it listens there.
    /// </summary>
    public bool Holds(string address, IReadOnlyList<PortHolder> holders) => holders.Count > 0
        && holders.All(holder => holder.Pid == 0 ? Listen.Contains(address) : Pids.Contains(holder.Pid));
}
