namespace FastTcpProxy.Engine.Observability;

/// <summary>Reads all counts. Any thread but a loop.</summary>
public sealed class MetricsReader
{
    private readonly MetricsRegistry _registry;

    internal MetricsReader(MetricsRegistry registry) => _registry = registry;

    /// <summary>
    /// How often a service or an upstream found no number, because there are as many as there may be: it is counted in sums only.
    /// </summary>
    public long NumbersMissing => _registry.NumbersMissing;

    /// <summary>The last defect of whichever loop it was in, and that loop; null when there was none.</summary>
    public (int Loop, LoopFault? Fault) NewestFault =>
        _registry.Loops.Select((l, i) => (Loop: i, Fault: l.LastFault)).MaxBy(f => f.Fault?.Stamp ?? long.MinValue);

    /// <summary>The counts of now, of all services and upstreams: some milliseconds for ten thousand.</summary>
    public MetricsSnapshot Read() => _registry.Read();

    /// <summary>
    /// The same without new memory, once all names are known: what it returns is overwritten by the next reading into the same sum.
    /// </summary>
    public MetricsSnapshot Read(MetricsSum into) => _registry.Read(into);

    /// <summary>The counts of this process's loops themselves, at once.</summary>
    public LoopCounts ReadLoops() => _registry.ReadLoops();
}
