using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>Collects what is exported from those who know it. Any thread but a loop; it blocks for no one.</summary>
/// <param name="proxy">What serves.</param>
/// <param name="reload">What puts other configurations in force.</param>
/// <param name="lifecycle">How far the process is.</param>
internal sealed class MetricsSource(RunningProxy proxy, ConfigurationReload reload, Lifecycle lifecycle)
{
    /// <summary>
    /// The service and the upstream of counts whose own have been removed: sums never fall when one is. No configured name has parentheses
    /// around it.
    /// </summary>
    public const string Removed = "(removed)";

    private MetricsView? _kept;

    /// <summary>Counts the older processes that drain, and says when the oldest began.</summary>
    public Func<(int Count, DateTimeOffset? OldestStart)> Generations { get; init; } = static () => (0, null);

    /// <summary>
    /// Tells this proxy from others where metrics are collected: by the machine and the configuration file, so that it stays the same over
    /// restarts and take-overs.
    /// </summary>
    public string Instance { get; init; } = Environment.MachineName;

    /// <summary>
    /// All of now. Its disposal gives it back for the next reader; it is the caller's for good otherwise. One is kept, with some
    /// 1.5 KB for each upstream.
    /// </summary>
    public MetricsView Read()
    {
        MetricsView view = Interlocked.Exchange(ref _kept, null) ?? new MetricsView(v => Volatile.Write(ref _kept, v));
        MetricsSnapshot counted = proxy.Engine.Metrics.Read(view.Sum);
        view.Fill(counted, proxy.Composer.Services, ReadProcess(counted));
        return view;
    }

    private ProcessView ReadProcess(MetricsSnapshot counted)
    {
        (int generations, DateTimeOffset? oldest) = Generations();
        return new ProcessView(counted.Process)
        {
            Sessions = proxy.Engine.Sessions,
            SessionsMax = reload.Current.Configuration.Engine.MaxSessions,
            DescriptorsMax = proxy.Engine.Descriptors.Limit,
            DescriptorsOpen = DescriptorLimit.CountOpen(),
            BufferBytesMax = proxy.Engine.Budget.BytesMax,
            Sources = proxy.Engine.Guards.Sources?.ReadCounts(GuardState.NowUs(TimeProvider.System)),
            GuardEntries = proxy.Engine.Guards.Entries.Count,
            Reloads = reload.Tally,
            TakeOverDuration = lifecycle.TakeOverDuration,
            Generations = Math.Max(generations, counted.Generations),
            OldestGenerationStart = oldest,
        };
    }
}
