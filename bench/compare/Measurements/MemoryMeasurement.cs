using System.Diagnostics;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>
/// idle and blackhole: by how much the resident memory of a fresh process grows with thousands of connections. One thread.
/// </summary>
internal static class MemoryMeasurement
{
    public const int ConnectionsMax = 9_000;

    /// <summary>A process that has held connections once keeps memory: each round starts it anew, and that takes its time.</summary>
    public const int RoundsMax = 3;

    /// <summary>
    /// How long a process serves short connections before one is weighed: code is compiled, and a managed heap has found its size.
    /// </summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How many connections the descriptors allow: two for each in the proxy, and in the load; a tenth is for everything else.
    /// </summary>
    public static int ConnectionsFor(int descriptors) => Math.Clamp((int)(descriptors * 0.9) / 2, 1, ConnectionsMax);

    /// <exception cref="ContestantException">A contestant failed.</exception>
    public static Measurement Run(Bed bed, Subject subject, ProxyMode mode)
    {
        Contestant[] contestants = [.. bed.Contestants.Where(c => !c.IsForStreamsOnly)];
        int connections = ConnectionsFor(bed.Descriptors);
        RoundTable rounds = new(Math.Min(RoundsMax, bed.Options.Rounds));
        List<string> notes = [];
        if (connections < ConnectionsMax)
            notes.Add($"{connections} connections instead of {ConnectionsMax}: "
                + $"a process may have {bed.Descriptors} descriptors (ulimit -n)");
        using SilentUpstream? silent = subject == Subject.Blackhole ? SilentUpstream.Create(ListeningPorts.FindFree(1)[0]) : null;
        if (silent is not null) notes.Add($"the upstream is silent by {silent.Means}");
        while (rounds.NeedsMore)
        {
            Outcome[] round = new Outcome[contestants.Length];
            for (int i = 0; i < contestants.Length; i++)
            {
                bed.Report($"{subject.Name()} {mode.Name()}: round {rounds.Next + 1}, {contestants[i].Name}");
                round[i] = Measure(bed, contestants[i], mode, connections, silent);
            }
            rounds.Add(round, isStarved: false);
        }
        return rounds.ToMeasurement(bed.Options.Threads, subject, mode, contestants) with { Connections = connections, Notes = [.. notes] };
    }

    private static Outcome Measure(Bed bed, Contestant contestant, ProxyMode mode, int connections, SilentUpstream? silent)
    {
        IReadOnlyList<RunningContestant> running = bed.Start([contestant], mode, silent?.Port);
        RunningContestant proxy = running[0];
        // Memory that the first connections take once, code above all, is none of an idle connection.
        long began = Stopwatch.GetTimestamp();
        while (silent is null && Stopwatch.GetElapsedTime(began) < WarmUp) bed.Load(proxy, LoadKind.Connections, bed.Options.Connections);
        long before = proxy.ResidentBytes;
        double perConnection;
        LoadResult result;
        using (HeldLoad held = bed.Hold(proxy, silent is null ? LoadKind.Idle : LoadKind.Waiting, connections))
        {
            Thread.Sleep(Settle);
            proxy.ThrowIfDead();
            result = held.Result;
            if (result.Held < connections * 0.99)
                throw new ContestantException(
                    proxy.Describe($"held {result.Held} of {connections} connections, {result.FirstError ?? "without an error"}"));
            perConnection = (double)(proxy.ResidentBytes - before) / result.Held;
        }
        bed.Stop(running);
        return new(perConnection, result);
    }
}
