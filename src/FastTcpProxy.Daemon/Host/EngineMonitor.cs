using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Upstreams;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// Reads the engine's counters, and those of background work, once a second and logs what went wrong since: at most one line of each kind a
/// second, whatever happens. It has its own task on the thread pool; it only reads.
/// </summary>
internal sealed class EngineMonitor(ILogger log, MetricsReader metrics, SessionLogWriter? sessionLog,
    BackgroundWork? background = null, Func<ImmutableArray<ListenerLoss>>? losses = null,
    Func<ImmutableArray<StraySocket>>? strays = null, UnansweredSessions? unanswered = null, ProxyLogs? logs = null,
    EventRing? events = null, TrafficSampler? traffic = null, StandingChanges? standings = null)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly RefusedClients _refused = new(log);
    private Totals _last;
    private ImmutableArray<ListenerLoss> _lastLosses = [];
    private ImmutableArray<StraySocket> _lastStrays = [];
    private ImmutableArray<BackgroundFaults> _lastBackground = [];

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(TimeProvider time, CancellationToken stop)
    {
        using PeriodicTimer timer = new(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop)) Report();
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>What was seen of clients as of the last second. Any thread.</summary>
    public Observed Observe() => traffic is null || unanswered is null
        ? Observed.Nothing
        : new Observed(traffic.Latest, unanswered.Current);

    /// <summary>Says what happened since the last report.</summary>
    public void Report()
    {
        Totals now = Totals.Read(metrics, sessionLog);
        AcceptPauses pauses = now.Pauses - _last.Pauses;
        if (pauses.Sum > 0)
        {
            bool isSystemFull = pauses.Descriptors > 0 && SystemDescriptors.AreUsedUp();
            Events.AcceptPaused(log, Counted.Of(pauses.Sum, "time"), pauses.Describe(isSystemFull));
        }
        if (now.AcceptErrors > _last.AcceptErrors) Events.AcceptErrors(log, Counted.Of(now.AcceptErrors - _last.AcceptErrors, "accept"));
        if (now.Dropped > _last.Dropped)
            Events.RecordsDropped(log, Counted.Of(now.Dropped - _last.Dropped, "record"), sessionLog?.TargetName ?? "");
        if (now.Unwritten > _last.Unwritten && sessionLog?.LastLoss is { } loss)
            Events.RecordsLost(log, Counted.Of(now.Unwritten - _last.Unwritten, "record"), loss.Target, loss.Why);
        if (now.BufferWaits > _last.BufferWaits) Events.BufferWaits(log, Counted.Of(now.BufferWaits - _last.BufferWaits, "time"));
        if (now.BufferResets > _last.BufferResets) Events.BufferResets(log, Counted.Of(now.BufferResets - _last.BufferResets, "session"));
        if (now.Nameless > _last.Nameless)
            Events.NumbersMissing(log, Counted.Of(now.Nameless - _last.Nameless, "service or upstream", "services or upstreams"));
        if (now.Faults > _last.Faults)
        {
            (int loop, LoopFault? newest) = metrics.NewestFault;
            Events.Faults(log, Counted.Of(now.Faults - _last.Faults, "defect"), loop, newest?.Fault);
        }
        _last = now;
        logs?.Report(log);
        ReportBackground();
        ReportListeners();
        ReportSocketFiles();
        ReportUnanswered();
        ReportStandings();
        if (traffic is not null) _refused.Report(traffic.Take());
        events?.Settle();
    }

    /// <summary>Takes what earlier processes have counted, before clients come: it is not reported.</summary>
    public void Begin()
    {
        if (traffic is not null) _refused.Begin(traffic.Begin());
    }

    private void ReportUnanswered()
    {
        foreach (UnansweredUpstream found in unanswered?.Find() ?? [])
        {
            if (found.Mode == HeaderMode.Raw)
                Events.HeaderMissing(log, found.Service, found.Upstream, found.Text);
            else
                Events.HeaderUnwanted(log, found.Service, found.Upstream, found.Text);
        }
    }

    private void ReportStandings()
    {
        foreach (StandingChange change in standings?.Find() ?? [])
        {
            string at = change.Address.Length == 0 ? "" : $" at {change.Address}";
            switch (change.Kind)
            {
                case StandingKind.Suspect:
                    Events.UpstreamSuspect(log, change.Service, change.Upstream, at, change.Text);
                    break;
                case StandingKind.Ejected:
                    Events.UpstreamEjected(log, change.Service, change.Upstream, at, change.Text);
                    break;
                default:
                    Events.UpstreamTrusted(log, change.Service, change.Upstream, at, (long)Math.Ceiling(change.HeldFor.TotalSeconds),
                        change.Text.Length == 0 ? "" : $"; {change.Text}");
                    break;
            }
        }
    }

    private void ReportListeners()
    {
        ImmutableArray<ListenerLoss> now = losses?.Invoke() ?? [];
        foreach (ListenerLoss listener in now)
        {
            ListenerLoss? before = _lastLosses.FirstOrDefault(l => (l.Address, l.Loop) == (listener.Address, listener.Loop));
            if (listener.Losses > (before?.Losses ?? 0))
                Events.ListenerLost(log, listener.Address, listener.Loop, listener.ErrorText, WhatFollows(listener));
            if (!listener.IsLost && (listener.Losses > (before?.Losses ?? 0) || before!.IsLost))
                Events.ListenerBack(log, listener.Address, listener.Loop);
        }
        _lastLosses = now;
    }

    private void ReportSocketFiles()
    {
        ImmutableArray<StraySocket> now = strays?.Invoke() ?? [];
        foreach (StraySocket stray in now.Except(_lastStrays)) Events.ListenerNotFound(log, stray.Address, stray.Why);
        foreach (string found in _lastStrays.Select(s => s.Address).Except(now.Select(s => s.Address))) Events.ListenerFound(log, found);
        _lastStrays = now;
    }

    private static string WhatFollows(ListenerLoss listener) => listener.CanReopen
        ? "it will be opened again as soon as possible"
        : "another process made its file: restart this program and that one";

    private void ReportBackground()
    {
        ImmutableArray<BackgroundFaults> faults = background?.Faults ?? [];
        foreach (BackgroundFaults work in faults)
        {
            long before = _lastBackground.FirstOrDefault(w => w.Name == work.Name)?.Count ?? 0;
            if (work.Count > before) Events.BackgroundFaults(log, work.Name, Counted.Of(work.Count - before, "defect"), work.Last);
        }
        _lastBackground = faults;
    }

    private readonly record struct Totals(AcceptPauses Pauses, long AcceptErrors, long Dropped, long Unwritten, long BufferWaits,
        long BufferResets, long Faults, long Nameless)
    {
        public static Totals Read(MetricsReader metrics, SessionLogWriter? sessionLog)
        {
            LoopCounts loops = metrics.ReadLoops();
            return new Totals(AcceptPauses.Of(loops), loops.AcceptErrors, loops.RecordsDropped, sessionLog?.RecordsLost ?? 0,
                loops.BufferWaits, loops.BufferResets, loops.Faults, metrics.NumbersMissing);
        }
    }
}
