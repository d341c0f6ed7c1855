using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Metrics.Otlp;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine.Observability;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// What the running process tells of itself: events that its counters cause, metrics, and what operators follow. The host's task starts
/// and stops it once; the work is on the thread pool.
/// </summary>
internal sealed class Reporting(RunningProxy proxy, ConfigurationReload reload, Lifecycle lifecycle, SessionLogWriter? sessionLog,
    ProxyLogs logs, Following following, ILogger log) : IDisposable
{
    /// <summary>From the start to the first export, and to the instruments.</summary>
    private static readonly TimeSpan ExportPause = TimeSpan.FromSeconds(1);

    private readonly EngineMonitor _monitor = new(log, proxy.Engine.Metrics, sessionLog, proxy.Background,
        () => proxy.Engine.ListenerLosses, () => proxy.Engine.StraySockets,
        new UnansweredSessions(proxy.Composer, TimeProvider.System), logs, following.Events,
        MakeSampler(proxy.Engine.Metrics), new StandingChanges(proxy.Composer, TimeProvider.System));
    private Task _running = Task.CompletedTask;
    private MetricsMeter? _meter;

    /// <summary>What is exported.</summary>
    /// <param name="finder">Of the processes that drain; null: this process does not ask for them.</param>
    public MetricsSource MetricsOf(GenerationFinder? finder) => new(proxy, reload, lifecycle)
    {
        Instance = $"{Environment.MachineName}:{Path.GetFullPath(reload.File)}",
        Generations = finder is null ? () => (0, null) : finder.Count,
    };

    /// <summary>Before the first client and the first record.</summary>
    /// <param name="continues">Whether earlier processes have counted: it is noted how much.</param>
    public void Begin(bool continues)
    {
        if (sessionLog is not null) sessionLog.Lost = records => proxy.Engine.Count(new LoopCounts { RecordsLost = records });
        if (continues) _monitor.Begin();
    }

    /// <summary>Works until it is cancelled.</summary>
    public void Start(CancellationToken stop)
    {
        _running = Task.WhenAll(
            proxy.Background.Run("report of the counters", () => _monitor.RunAsync(TimeProvider.System, stop), stop),
            proxy.Background.Run("export of metrics", () => ExportAsync(stop), stop));
        _ = following.RunAsync(proxy.Background, stop);
    }

    /// <summary>Waits first: all the code of the metrics is compiled here, and would hold up the first clients.</summary>
    private async Task ExportAsync(CancellationToken stop)
    {
        await Task.Delay(ExportPause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        MetricsSource source = MetricsOf(null);
        if (!stop.IsCancellationRequested) _meter ??= new MetricsMeter(source.Read, TimeProvider.System);
        await new OtlpExporter(source, reload, lifecycle, TimeProvider.System, log).RunAsync(stop);
    }

    private static TrafficSampler MakeSampler(MetricsReader metrics)
    {
        MetricsSum sum = new();
        return new TrafficSampler(() => metrics.Read(sum), TimeProvider.System);
    }

    /// <summary>This process has taken over from another.</summary>
    /// <param name="duration">From its start to the last word.</param>
    public void CountTakeOver(TimeSpan duration)
    {
        lifecycle.TakeOverDuration = duration;
        proxy.Engine.Count(new LoopCounts { TakeOversSucceeded = 1 });
    }

    /// <summary>Done when the work that was cancelled has stopped.</summary>
    public Task StopAsync() => _running;

    /// <summary>What was counted as of the last second.</summary>
    public Observed Observe() => _monitor.Observe();

    /// <summary>Says what happened since the last second.</summary>
    public void ReportLast() => _monitor.Report();

    public void Dispose() => _meter?.Dispose();
}
