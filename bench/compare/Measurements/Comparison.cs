using FastTcpProxy.Compare.Contestants;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>All measurements of a run, one after the other. One that fails is said, and the others continue. One thread.</summary>
public static class Comparison
{
    /// <param name="failed">Is told what could not be measured, and why.</param>
    public static IReadOnlyList<Measurement> Run(Bed bed, Action<string> failed)
    {
        List<Measurement> found = [];
        foreach (ProxyMode mode in bed.Options.Modes)
        {
            foreach (Subject subject in bed.Options.Subjects)
            {
                try
                {
                    found.Add(WithNotes(bed, mode, Run(bed, subject, mode)));
                }
                catch (Exception e) when (e is ContestantException or InvalidOperationException)
                {
                    bed.StopAll();
                    failed($"{subject.Name()} {mode.Name()}: {e.Message}");
                }
            }
        }
        return found;
    }

    private static Measurement Run(Bed bed, Subject subject, ProxyMode mode) => subject switch
    {
        Subject.Idle or Subject.Blackhole => MemoryMeasurement.Run(bed, subject, mode),
        Subject.LatencyConn or Subject.LatencyPp => LatencyMeasurement.Run(bed, subject, mode),
        Subject.Start => StartMeasurement.Run(bed, subject, mode),
        _ => CpuMeasurement.Run(bed, subject, mode),
    };

    private static Measurement WithNotes(Bed bed, ProxyMode mode, Measurement measurement)
    {
        List<string> notes = [.. measurement.Notes];
        if (measurement.Dropped > 0)
            notes.Add($"rounds dropped: {measurement.Dropped}; the machine was starved, neither proxy nor load had their CPUs");
        if (measurement.Figures.Any(f => f.Starved)) notes.Add("too few rounds were undisturbed: the figures contain starved ones");
        if (mode == ProxyMode.V2 && bed.Contestants.Any(c => c.Kind == ContestantKind.Nginx))
            notes.Add("nginx sends version 1: its stream module knows no other");
        return measurement with { Notes = [.. notes] };
    }
}
