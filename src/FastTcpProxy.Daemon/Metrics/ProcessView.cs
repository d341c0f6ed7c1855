using System.Diagnostics;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>The process as the kernel and its own parts see it, at one moment. Immutable.</summary>
/// <param name="loops">The sum of its loops.</param>
internal sealed class ProcessView(in LoopCounts loops)
{
    /// <summary>Not a property: a block is large.</summary>
    public readonly LoopCounts Loops = loops;

    /// <summary>Sessions now, of all services.</summary>
    public required int Sessions { get; init; }

    public required int SessionsMax { get; init; }

    public required long DescriptorsMax { get; init; }

    public required int DescriptorsOpen { get; init; }

    public required long BufferBytesMax { get; init; }

    /// <summary>How full the table of sources is; null where nothing limits sources.</summary>
    public required SourceTableCounts? Sources { get; init; }

    /// <summary>Networks that were allowed or denied at run time.</summary>
    public required int GuardEntries { get; init; }

    public required ReloadTally Reloads { get; init; }

    /// <summary>How long this process took to take over; null: it has not.</summary>
    public required TimeSpan? TakeOverDuration { get; init; }

    /// <summary>Older processes that still drain.</summary>
    public required int Generations { get; init; }

    /// <summary>When the oldest of them began; null where that is not known.</summary>
    public required DateTimeOffset? OldestGenerationStart { get; init; }

    /// <summary>What the runtime may use: the container's limit, where there is one.</summary>
    public long MemoryBytesMax { get; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public long CpuUs { get; } = (long)Environment.CpuUsage.TotalTime.TotalMicroseconds;

    public long ResidentBytes { get; } = Environment.WorkingSet;

    /// <summary>How many local ports the kernel chooses from; null where that cannot be read.</summary>
    public long? LocalPortsMax { get; } = LocalPorts.ReadRange();

    /// <summary>When this process began, in Unix time.</summary>
    public static long StartUs { get; } = ReadStart();

    /// <summary>Unix time.</summary>
    public static long ToUs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static long ReadStart()
    {
        using Process self = Process.GetCurrentProcess();
        return ToUs(self.StartTime.ToUniversalTime());
    }
}
