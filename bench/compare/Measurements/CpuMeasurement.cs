using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>
/// conn, pp, bulk and up: the proxy's own CPU time for each operation or GiB, at the load that it can just serve. One thread.
/// </summary>
internal static class CpuMeasurement
{
    /// <summary>Streams at a time.</summary>
    public const int Streams = 8;

    private const double GiB = 1L << 30;

    /// <exception cref="ContestantException">A contestant failed.</exception>
    public static Measurement Run(Bed bed, Subject subject, ProxyMode mode)
    {
        Contestant[] contestants = [.. bed.Contestants.Where(c => subject.IsStream() || !c.IsForStreamsOnly)];
        LoadKind kind = KindOf(subject);
        int connections = subject.IsStream() ? Streams : bed.Options.Connections;
        IReadOnlyList<RunningContestant> running = bed.Start(contestants, mode);
        RoundTable rounds = new(bed.Options.Rounds);
        foreach (RunningContestant contestant in running)
        {
            bed.Report($"{subject.Name()} {mode.Name()}: warming up {contestant.Contestant.Name}");
            bed.WarmUp(contestant, kind, connections);
        }
        while (rounds.NeedsMore)
        {
            bed.Report($"{subject.Name()} {mode.Name()}: round {rounds.Next + 1}");
            Outcome[] round = new Outcome[running.Count];
            // The order moves on from round to round: no one is always the one after the most expensive.
            for (int i = 0; i < running.Count; i++)
            {
                int index = (i + rounds.Next) % running.Count;
                LoadResult result = bed.Load(running[index], kind, connections);
                round[index] = ToOutcome(bed, running[index], subject, result);
            }
            rounds.Add(round, round.Any(o => IsStarved(bed, o.Load!)));
        }
        bed.Stop(running);
        return rounds.ToMeasurement(bed.Options.Threads, subject, mode, contestants) with
        {
            Connections = connections, Dropped = rounds.Dropped,
        };
    }

    public static LoadKind KindOf(Subject subject) => subject switch
    {
        Subject.Conn or Subject.LatencyConn => LoadKind.Connections,
        Subject.Bulk => LoadKind.Bulk,
        Subject.Up => LoadKind.Upload,
        _ => LoadKind.PingPong,
    };

    private static bool IsStarved(Bed bed, LoadResult result) => Saturation.IsStarved(result, bed.Options.Threads, bed.IsPinned, bed.Cpus);

    /// <summary>
    /// The cost in the subject's unit. A round in which nothing was served has none: the contestant's fault, unless the machine was taken
    /// away.
    /// </summary>
    private static Outcome ToOutcome(Bed bed, RunningContestant contestant, Subject subject, LoadResult result)
    {
        double amount = subject.IsStream() ? result.Bytes / GiB : result.Operations / 1e6;
        if (amount <= 0 && !IsStarved(bed, result))
            throw new ContestantException(
                contestant.Describe($"served nothing in {result.Seconds:0.0} s{(result.FirstError is { } error ? $": {error}" : "")}"));
        return new(
            amount > 0 ? result.ProxyCpuSeconds / amount : double.NaN, result,
            Saturation.IsLoadBound(result.LoadUtilization, result.ProxyUtilization, bed.Options.Threads));
    }
}
