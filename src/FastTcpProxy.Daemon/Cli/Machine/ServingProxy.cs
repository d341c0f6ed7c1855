using System.Collections.Immutable;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>The proxy that serves on this machine with the same <c>admin.socket</c>, as far as it answers. Immutable.</summary>
/// <param name="Status">What it says of itself.</param>
internal sealed record ServingProxy(StatusDocument Status)
{
    /// <summary>Its process, and those that drain.</summary>
    public ImmutableArray<int> Pids { get; } = [Status.Pid, .. Status.Generations.Select(g => g.Pid)];

    /// <summary>What it listens on, as its configuration says.</summary>
    public ImmutableHashSet<string> Listen { get; } = [.. Status.Services.SelectMany(s => s.Listen)];

    public int Pid => Pids[0];

    /// <summary>The proxy, or why it could not be asked; both null: none serves there.</summary>
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
            return (null, e.NoServer ? null : e.Message);
        }
    }

    /// <summary>
    /// Whether it is the one that is in the way. A process that this user cannot see is it when it says that it listens there.
    /// </summary>
    public bool Holds(string address, IReadOnlyList<PortHolder> holders) => holders.Count > 0
        && holders.All(holder => holder.Pid == 0 ? Listen.Contains(address) : Pids.Contains(holder.Pid));
}
