using System.Diagnostics;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// The counters of one loop. Only the loop writes them, without barriers. Any thread may read the 64-bit values: each is whole, but they
/// are not of one instant.
/// </summary>
public sealed class EngineCounters
{
    /// <summary>Clients accepted, those that the guard refused too.</summary>
    public long Accepted { get; internal set; }

    /// <summary>Clients that the guard, or the rule on balancers, refused.</summary>
    public long Refused { get; internal set; }

    /// <summary>Sessions that ended, for whatever reason.</summary>
    public long Ended { get; internal set; }

    /// <summary>Sessions that were proxied to an upstream.</summary>
    public long Proxied { get; internal set; }

    /// <summary>Connects tried.</summary>
    public long Attempts { get; internal set; }

    /// <summary>Sessions for which no upstream accepted.</summary>
    public long AllFailed { get; internal set; }

    /// <summary>Payload bytes sent to upstreams.</summary>
    public long BytesToUpstreams { get; internal set; }

    /// <summary>Payload bytes sent to clients.</summary>
    public long BytesToClients { get; internal set; }

    /// <summary>Payload bytes, of either direction, that went through a pipe and were not copied. Counted as they go.</summary>
    public long BytesSpliced { get; internal set; }

    /// <summary>Accepts that failed for one connection only.</summary>
    public long AcceptErrors { get; internal set; }

    /// <summary>How often a listener stopped accepting for lack of descriptors or memory, or at the session capacity.</summary>
    public long AcceptPauses { get; internal set; }

    /// <summary>Listeners that have failed for good.</summary>
    public long ListenersLost { get; internal set; }

    /// <summary>How often a session had to wait for a buffer because the buffer budget was used up.</summary>
    public long BufferWaits { get; internal set; }

    /// <summary>Sessions that were reset because others needed the buffers that they held.</summary>
    public long BufferResets { get; internal set; }

    /// <summary>Records that were dropped because the log did not keep up.</summary>
    public long RecordsDropped { get; internal set; }

    /// <summary>Defects that were contained.</summary>
    public long Faults { get; private set; }

    /// <summary>The last of them; null while there is none. Any thread.</summary>
    public LoopFault? LastFault
    {
        get => Volatile.Read(ref _lastFault);
        private set => Volatile.Write(ref _lastFault, value);
    }

    private LoopFault? _lastFault;

    /// <summary>The last defect of whichever loop it was in, and that loop; null when there was none. Any thread.</summary>
    public static (int Loop, LoopFault? Fault) NewestFault(IEnumerable<EngineCounters> loops) =>
        loops.Select((c, i) => (Loop: i, Fault: c.LastFault)).MaxBy(f => f.Fault?.Stamp ?? long.MinValue);

    internal void CountFault(Exception fault)
    {
        Faults++;
        LastFault = new LoopFault(fault, Stopwatch.GetTimestamp());
    }
}
