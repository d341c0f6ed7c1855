using System.Collections.Immutable;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>The proxy that serves on this machine with the same <c>admin.socket</c>. Immutable.</summary>
/// <param name="Status">What it says of itself; null: it does not answer.</param>
/// <param name="Pids">Its process, and those that drain; not empty.</param>
internal sealed record ServingProxy(StatusDocument? Status, ImmutableArray<int> Pids)
{
    public ServingProxy(StatusDocument status)
        : this(status, [status.Pid, .. status.Generations.Select(g => g.Pid)])
    {
    }

    /// <summary>What it listens on, as its configuration says; empty when it does not answer.</summary>
    public ImmutableHashSet<string> Listen { get; } = Status is null ? [] : [.. Status.Services.SelectMany(s => s.Listen)];

    public int Pid => Pids[0];

    /// <summary>
    /// The proxy, and why it could not be asked; both null: none serves there. One that does not answer is known by its socket, if this
    /// user can see who has it.
    /// </summary>
    public static async Task<(ServingProxy? Proxy, string? Fault)> FindAsync(string? adminSocket, TimeSpan patience)
    {
        if (adminSocket is null) return default;
        using AdminClient client = new(new UnixTransport(adminSocket), patience);
        try
        {
            AdminAnswer answer = await client.GetAsync(AdminPaths.Status);
            return (new ServingProxy(answer.Read(DocumentContext.Default.StatusDocument, "status")), null);
        }
        catch (AdminClientException e)
        {
            return e.NoServer ? default : (OfSocket(adminSocket), e.Message);
        }
    }

    /// <summary>
    /// Whether it is the one that is in the way. Where no process can be seen, it is when it says that it listens there.
    /// </summary>
    public bool Holds(string address, IReadOnlyList<PortHolder> holders) => holders.All(holder => holder.Pid == 0)
        ? Listen.Contains(address)
        : holders.All(holder => Pids.Contains(holder.Pid));

    private static ServingProxy? OfSocket(string path)
    {
        ImmutableArray<int> pids = [.. PortHolder.Find(path).Where(h => h.Name == ProgramFile.Name).Select(h => h.Pid)];
        return pids.IsEmpty ? null : new ServingProxy(null, pids);
    }
}
