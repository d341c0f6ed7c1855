using System.Diagnostics;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// What one loop counts: a block for itself, and one for each number of a service and of an upstream. Only the loop writes them, by plain
/// stores, without barriers, and nothing is allocated, so that counting costs next to nothing. Any thread may read, each long by itself.
/// </summary>
public sealed unsafe class LoopMetrics
{
    private readonly MetricsMemory _memory;
    private readonly MetricsLayout _layout;
    private readonly LoopCounts* _loop;
    private readonly ServiceCounts* _services;
    private readonly UpstreamCounts* _upstreams;
    private LoopFault? _lastFault;

    internal LoopMetrics(MetricsMemory memory, MetricsLayout layout, int column)
    {
        _memory = memory;
        _layout = layout;
        byte* start = memory.Start + column * layout.ColumnBytes;
        _loop = (LoopCounts*)(start + layout.LoopOffset);
        _services = (ServiceCounts*)(start + layout.ServicesOffset);
        _upstreams = (UpstreamCounts*)(start + layout.UpstreamsOffset);
    }

    /// <summary>The loop's own.</summary>
    internal ref LoopCounts Counts => ref *_loop;

    /// <summary>The last defect that the loop has contained; null while there is none. Any thread.</summary>
    public LoopFault? LastFault => Volatile.Read(ref _lastFault);

    /// <summary>A service's, by its number.</summary>
    internal ref ServiceCounts Service(int number)
    {
        Debug.Assert((uint)number < (uint)_layout.ServicesMax, "not a number of a service");
        return ref _services[number];
    }

    /// <summary>An upstream's, by its number.</summary>
    internal ref UpstreamCounts Upstream(int number)
    {
        Debug.Assert((uint)number < (uint)_layout.UpstreamsMax, "not a number of an upstream");
        return ref _upstreams[number];
    }

    /// <summary>Counts a defect that was contained. The loop alone.</summary>
    internal void CountFault(Exception fault)
    {
        Counts.Faults++;
        Volatile.Write(ref _lastFault, new LoopFault(fault, Stopwatch.GetTimestamp()));
        GC.KeepAlive(_memory);
    }
}
