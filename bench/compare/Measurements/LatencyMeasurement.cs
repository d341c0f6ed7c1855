using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Load;
using HdrHistogram;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>
/// latency-conn and latency-pp: all contestants at the same fixed rate, each latency counted from the intended start. One thread.
/// </summary>
internal static class LatencyMeasurement
{
    /// <summary>Beyond so many open connections a contestant does not keep up with the rate.</summary>
    private const int OpenMax = 4_000;

    /// <summary>Windows in which a contestant's capacity is looked for.</summary>
    private const int CapacityRounds = 3;

    /// <summary>Less is no rate: a window would see a handful of operations.</summary>
    private const double RateMin = 10;

    private static readonly (string Name, double Percentile)[] Quantities = [("p50", 50), ("p99", 99), ("p99.9", 99.9)];

    /// <exception cref="ContestantException">A contestant failed.</exception>
    public static Measurement Run(Bed bed, Subject subject, ProxyMode mode)
    {
        Contestant[] contestants = [.. bed.Contestants.Where(c => !c.IsForStreamsOnly)];
        LoadKind kind = CpuMeasurement.KindOf(subject);
        IReadOnlyList<RunningContestant> running = bed.Start(contestants, mode);
        foreach (RunningContestant contestant in running)
        {
            bed.Report($"{subject.Name()} {mode.Name()}: warming up {contestant.Contestant.Name}");
            bed.WarmUp(contestant, kind, bed.Options.Connections);
        }
        double rate = bed.Options.Rate ?? Math.Floor(running.Min(contestant => FindCapacity(bed, contestant, subject, kind)) / 2);
        int connections = kind == LoadKind.Connections
            ? Math.Min(OpenMax, MemoryMeasurement.ConnectionsFor(bed.Descriptors))
            : bed.Options.Connections;
        RoundTable[] rounds = [.. Quantities.Select(_ => new RoundTable(bed.Options.Rounds))];
        while (rounds[0].NeedsMore)
        {
            bed.Report($"{subject.Name()} {mode.Name()}: round {rounds[0].Next + 1} at {rate:0} a second");
            Outcome[][] outcomes = [.. Quantities.Select(_ => new Outcome[running.Count])];
            for (int i = 0; i < running.Count; i++)
            {
                int index = (i + rounds[0].Next) % running.Count;
                LoadResult result = bed.Load(running[index], kind, connections, rate);
                double[] percentiles = Percentiles(result.Latencies ?? []);
                bool late = Saturation.IsLate(result.LatenessP99Ns / 1e3, percentiles[1]);
                for (int q = 0; q < Quantities.Length; q++) outcomes[q][index] = new(percentiles[q], result, late);
            }
            // A fixed rate leaves CPUs idle on purpose: a starved round shows itself in late starts, and is marked by them.
            for (int q = 0; q < Quantities.Length; q++) rounds[q].Add(outcomes[q], isStarved: false);
        }
        bed.Stop(running);
        return rounds[0].ToMeasurement(bed.Options.Threads, subject, mode, contestants) with
        {
            Rate = rate,
            Connections = kind == LoadKind.Connections ? null : connections,
            Figures = [.. contestants.SelectMany(
                (c, i) => Quantities.Select((quantity, q) => rounds[q].ToFigure(i, c.Name, quantity.Name)))],
        };
    }

    /// <summary>
    /// Operations a second of a contestant, as fast as answers come. The best of a few: a machine that does something else finds less.
    /// </summary>
    private static double FindCapacity(Bed bed, RunningContestant contestant, Subject subject, LoadKind kind)
    {
        bed.Report($"{subject.Name()} {contestant.Setup.Mode.Name()}: how much can {contestant.Contestant.Name} do?");
        double capacity = Enumerable.Range(0, CapacityRounds)
            .Max(_ => bed.Load(contestant, kind, bed.Options.Connections).OperationsPerSecond);
        return capacity >= RateMin * 2
            ? capacity
            : throw new ContestantException(
                contestant.Describe($"served {capacity:0.0} operations a second, half of which is no rate: give --rate"));
    }

    /// <summary>The three quantities in microseconds.</summary>
    /// <param name="pairs">Nanoseconds and count each, as load processes give them.</param>
    internal static double[] Percentiles(long[][] pairs)
    {
        LongHistogram histogram = LatencyRecord.Create();
        foreach (long[] pair in pairs) histogram.RecordValueWithCount(Math.Min(pair[0], LatencyRecord.LatencyMaxNs), pair[1]);
        return [.. Quantities.Select(q => histogram.TotalCount == 0 ? double.NaN : histogram.GetValueAtPercentile(q.Percentile) / 1e3)];
    }
}
