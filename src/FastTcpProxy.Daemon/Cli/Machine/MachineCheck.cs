using System.Collections.Immutable;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Serving;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// Looks at the machine by groups of checks, and leaves everything as it is. What a start needs is for <c>check --machine</c>, all of
/// it for <c>doctor</c>. One task.
/// </summary>
internal static class MachineCheck
{
    /// <summary>How long the running proxy may take to answer. One that is stopped or hangs is a finding, and no reason to wait.</summary>
    public static readonly TimeSpan ProxyPatience = AdminClient.Patience;

    /// <summary>What <c>run</c> would need.</summary>
    public static ImmutableArray<Func<MachineContext, IEnumerable<MachineFinding>>> OfStart { get; } =
    [
        LimitChecks.FindUser, ListenChecks.Find, LogChecks.Find, LimitChecks.FindDescriptors, LimitChecks.FindPorts,
        LimitChecks.FindAcceptQueue, LimitChecks.FindNames,
    ];

    /// <summary>What <c>doctor</c> looks at beside that.</summary>
    public static ImmutableArray<Func<MachineContext, IEnumerable<MachineFinding>>> OfSystem { get; } =
    [
        NetworkChecks.FindHandshakes, NetworkChecks.FindReserved, NetworkChecks.FindTimeWait, NetworkChecks.FindConntrack,
        MemoryChecks.FindTcp, MemoryChecks.FindMachine, CgroupChecks.Find, UnitChecks.Find, HardwareChecks.FindCpus,
        HardwareChecks.FindInterfaces, SystemChecks.FindClock, SystemChecks.FindKernel,
    ];

    /// <summary>The context, with all that takes time: the running proxy is asked, and names are looked up.</summary>
    /// <param name="given">What is known already.</param>
    public static async Task<MachineContext> PrepareAsync(MachineContext given)
    {
        Task<ResolvedNames> names = ResolvedNames.ResolveAsync(given.Configuration, RunningProxy.ResolveWait);
        (ServingProxy? serving, string? fault) = await ServingProxy.FindAsync(given.Configuration.Admin?.Socket, ProxyPatience);
        return given with { Serving = serving, ProxyFault = fault, Names = await names };
    }

    /// <summary>All that these groups find, the worst first.</summary>
    public static ImmutableArray<MachineFinding> Find(MachineContext context,
        IEnumerable<Func<MachineContext, IEnumerable<MachineFinding>>> groups) => Sort(groups.SelectMany(find => find(context)));

    /// <summary>The worst first, else in the order in which they were found.</summary>
    public static ImmutableArray<MachineFinding> Sort(IEnumerable<MachineFinding> findings) =>
        [.. findings.OrderByDescending(finding => finding.Severity)];
}
