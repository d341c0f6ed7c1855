using System.Collections.Immutable;
using System.Diagnostics;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Serving;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>
/// All that <c>doctor</c> looks at: the machine, the running proxy, the upstreams. It changes nothing, needs no root, and ends within
/// <see cref="Within"/>. One task.
/// </summary>
internal static class Examination
{
    /// <summary>Drops at full queues are counted at least for so long.</summary>
    private static readonly TimeSpan CountFor = TimeSpan.FromSeconds(1);

    /// <summary>Files of /proc and /sys, and sockets that are bound for a moment.</summary>
    private static readonly TimeSpan FilesWithin = TimeSpan.FromSeconds(1);

    /// <summary>The longest that it takes: the proxy and names at the same time, then upstreams.</summary>
    public static TimeSpan Within { get; } =
        Longer(MachineCheck.ProxyPatience, RunningProxy.ResolveWait) + UpstreamTrials.Within + FilesWithin;

    /// <param name="given">The configuration; what takes time is found out here.</param>
    /// <param name="sendHeader">See <see cref="UpstreamTrials"/>.</param>
    public static async Task<ImmutableArray<MachineFinding>> RunAsync(MachineContext given, bool sendHeader)
    {
        NetCounters? before = NetCounters.Read(given.Files);
        long start = Stopwatch.GetTimestamp();
        MachineContext context = await MachineCheck.PrepareAsync(given);
        Task<ImmutableArray<UpstreamTrial>> trials = new UpstreamTrials(context, sendHeader).RunAsync();
        // Names of upstreams are told by their trials.
        HashSet<string> tried = [.. context.Configuration.Services.SelectMany(s => s.Upstreams.Items).Select(u => u.Address.DnsName)
            .OfType<string>()];
        IEnumerable<MachineFinding> machine = MachineCheck.Find(context, MachineCheck.OfStart.AddRange(MachineCheck.OfSystem))
            .Where(f => f.Rule != MachineRules.NameDoesNotResolve || !tried.Any(name => f.Found.StartsWith($"the name {name} ",
                StringComparison.Ordinal)));
        ImmutableArray<UpstreamTrial> outcomes = await trials;
        TimeSpan left = CountFor - Stopwatch.GetElapsedTime(start);
        if (left > TimeSpan.Zero) await Task.Delay(left);
        MachineFinding overflows = NetworkChecks.OfOverflows(before, NetCounters.Read(given.Files), Stopwatch.GetElapsedTime(start));
        return MachineCheck.Sort(
            [.. ProxyFindings.Of(context), .. UpstreamFindings.Of(outcomes, context.At), .. machine, overflows]);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
