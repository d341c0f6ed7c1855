using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// What is counted of a loop itself, and in the last column what no loop counts: of the process. A block of longs and nothing else. The
/// gauges at its end are as of the last tick; those of a process that has ended are no longer in a sum.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct LoopCounts
{
    /// <summary>How many of the longs, at the end, are gauges.</summary>
    internal const int Gauges = 8;

    /// <summary>The names of its longs, in order.</summary>
    internal static readonly ImmutableArray<string> Names =
    [
        "acceptErrors", "pausesDescriptors", "pausesMemory", "pausesSessions", "pausesErrors", "listenersLost", "bufferWaits",
        "bufferResets", "faults", "recordsDropped", "bytesSpliced", "timersFired", "turns", "busyUs",
        "reloadsSucceeded", "reloadsFailed", "takeOversSucceeded", "takeOversFailed", "recordsLost",
        .. Histogram.NamesOf("lag"),
        "buffers", "bufferBytes", "slabs", "pipesFree", "socketsRecycled", "rivals", "observers", "timers",
    ];

    /// <summary>Accepts that failed for one connection only.</summary>
    public long AcceptErrors;

    /// <summary>How often a listener stopped accepting for lack of descriptors.</summary>
    public long PausesDescriptors;

    /// <summary>How often a listener stopped accepting for lack of the kernel's memory.</summary>
    public long PausesMemory;

    /// <summary>How often a listener stopped accepting at the session capacity.</summary>
    public long PausesSessions;

    /// <summary>How often a listener stopped accepting after many failures in a row, each of one connection.</summary>
    public long PausesErrors;

    /// <summary>Listeners that have failed for good.</summary>
    public long ListenersLost;

    /// <summary>How often a session had to wait for a buffer because the buffer budget was used up.</summary>
    public long BufferWaits;

    /// <summary>Sessions that were reset because others needed the buffers that they held.</summary>
    public long BufferResets;

    /// <summary>Defects that were contained.</summary>
    public long Faults;

    /// <summary>Records that were dropped because the log did not keep up.</summary>
    public long RecordsDropped;

    /// <summary>Payload bytes, of either direction, that went through a pipe and were not copied. Counted as they go.</summary>
    public long BytesSpliced;

    /// <summary>Timers that have fired.</summary>
    public long TimersFired;

    /// <summary>Turns that the loop has asked for, because a session had used up its own or too many items waited.</summary>
    public long Turns;

    /// <summary>
    /// How long a thread was inside the loop, in microseconds: an estimate from one look at each tick, whose error is about 3 % of the
    /// time in 15 s. To read the clock at each entry would cost more than all counters.
    /// </summary>
    public long BusyUs;

    /// <summary>Reloads of the configuration that were put in force. Of the process.</summary>
    public long ReloadsSucceeded;

    /// <summary>Reloads that were refused. Of the process.</summary>
    public long ReloadsFailed;

    /// <summary>Take-overs from another process. Of the process.</summary>
    public long TakeOversSucceeded;

    /// <summary>Take-overs by other processes after which this one continued. Of the process.</summary>
    public long TakeOversFailed;

    /// <summary>Records that were taken for the session log and could not be written. Of the process.</summary>
    public long RecordsLost;

    /// <summary>How late the ticks were; as many as there were ticks.</summary>
    public Histogram Lag;

    /// <summary>Buffers that are rented.</summary>
    public long Buffers;

    /// <summary>Bytes that slabs have of the buffer budget.</summary>
    public long BufferBytes;

    /// <summary>Slabs that there are.</summary>
    public long Slabs;

    /// <summary>Pipes that no direction keeps.</summary>
    public long PipesFree;

    /// <summary>Sockets that are kept to connect again.</summary>
    public long SocketsRecycled;

    /// <summary>Sessions that have two attempts in flight.</summary>
    public long Rivals;

    /// <summary>Attempts that are watched after their sessions have given them up.</summary>
    public long Observers;

    /// <summary>Timers that wait.</summary>
    public long Timers;

    /// <summary>How often a listener stopped accepting, for whatever reason.</summary>
    public readonly long AcceptPauses => PausesDescriptors + PausesMemory + PausesSessions + PausesErrors;
}
