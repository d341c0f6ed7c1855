using System.Diagnostics;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.Systemd;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Observability;
using Microsoft.Extensions.Logging;
using BindException = FastTcpProxy.Engine.Transport.BindException;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// The running program: the proxy, its logs and signals from the start to the end. One task drives it; it owns all of them.
/// </summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    /// <summary>How long the end waits for the session log's reader.</summary>
    private static readonly TimeSpan FlushWait = TimeSpan.FromSeconds(2);

    /// <summary>The same when a second signal asked for the end at once.</summary>
    private static readonly TimeSpan ForcedFlushWait = TimeSpan.FromMilliseconds(250);

    /// <summary>The time that the exit takes beside the drain, so that the service manager waits for it.</summary>
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(10);

    private readonly ILogger _log;
    private readonly Termination _termination;
    private readonly Following _following;
    private readonly Lifecycle _lifecycle = new(TimeProvider.System.GetUtcNow());
    private readonly RunningProxy _proxy;
    private readonly ConfigurationReload _reload;
    private readonly SessionLogWriter? _sessionLog;
    private readonly ProxyLogs _logs;
    private readonly TaskCompletionSource _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly SystemdNotifier _manager;
    private readonly Predecessor _predecessor;
    private readonly Succession _succession;
    private readonly Reporting _reporting;
    private Task<AdminServer>? _admin;
    private volatile AdminSockets? _adminSockets;

    private ProxyHost(LoadedConfiguration loaded, StartOptions options, Predecessor predecessor, SystemdNotifier manager,
        BackgroundWork background, Termination termination, EventOutput output, bool isJournal, ILogger log, EventRing events)
    {
        _predecessor = predecessor;
        _manager = manager;
        ProxyConfiguration configuration = loaded.Configuration;
        _log = log;
        _termination = termination;
        bool records = configuration.Log.Format != LogFormatSetting.None;
        _proxy = new RunningProxy(configuration, records, new ResolutionEvents(log), new HealthEvents(log), new OverrideEvents(log),
            new EntryEvents(log), background: background, inherited: predecessor.Sockets);
        if (records) _sessionLog = new SessionLogWriter(Engine.Records,
            SessionLogRoute.Open(configuration.Log, Engine.SessionIds, TimeProvider.System), background);
        _logs = new ProxyLogs(output, _sessionLog, Engine.SessionIds, isJournal, TimeProvider.System);
        _reload = new ConfigurationReload(_proxy, options, loaded, manager, TimeProvider.System, log)
            { Before = RestoreAdminSocket, Logs = _logs };
        _succession = new Succession(_proxy, _reload, predecessor.IsActivated, log);
        _following = new Following(events, Engine.Steps, Engine.SessionIds, log, TimeProvider.System);
        _reporting = new Reporting(_proxy, _reload, _lifecycle, _sessionLog, _logs, _following, log);
        _termination.ReloadBy(OnHangUp);
    }

    private ProxyEngine Engine => _proxy.Engine;

    private ProxyConfiguration Configuration => _reload.Current.Configuration;

    /// <summary>Serves until a signal or an operator ends it. Returns the exit code.</summary>
    public static async Task<int> RunAsync(LoadedConfiguration loaded, StartOptions options, BackgroundWork background,
        Termination termination)
    {
        LogConfiguration logs = loaded.Configuration.Log;
        bool isJournal = JournalStream.IsStandardError(Environment.GetEnvironmentVariable(JournalStream.Variable));
        using EventOutput output = new(new(logs.Events, logs.Syslog, isJournal, TimeProvider.System, StandardStream.Error()), background);
        EventRing events = new(TimeProvider.System);
        OperationalLog log = new(TimeProvider.System, output, events);
        using SystemdNotifier manager = SystemdNotifier.FromEnvironment(out string? fault);
        if (fault is not null) Events.NotifyFault(log, fault);
        Events.Starting(log, ProgramVersion.Text, Environment.ProcessId, Counted.Of(loaded.Configuration.Engine.Threads, "socket thread"));
        try
        {
            using Predecessor predecessor = Predecessor.Find(options, loaded.Configuration.Admin, log);
            await using ProxyHost host = new(
                loaded, options, predecessor, manager, background, termination, output, isJournal, log, events);
            return await host.ServeAsync();
        }
        catch (BindException e)
        {
            // A loop here would have the runtime compile the whole method with all optimizations, at each start.
            Array.ForEach(e.Message.Split(Environment.NewLine), line => Events.CannotListen(log, line));
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is StateDirectoryInUseException or StateUnreadableException or LogTargetException)
        {
            Events.CannotListen(log, e is LogTargetException ? $"log.target: {e.Message}" : e.Message);
            return ExitCodes.Failed;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _succession.Dispose();
        if (_predecessor.IsServing) await GiveWayAsync();
        await _following.Streams.EndAsync("the process exits");
        if (_admin is not null) await (await _admin).DisposeAsync();
        await _proxy.DisposeAsync();
        _reporting.Dispose();
        _sessionLog?.Dispose();
        _termination.Dispose();
    }

    private async Task<int> ServeAsync()
    {
        LimitsReport.Write(_log, Engine, _proxy.Descriptors, Configuration.Engine.MaxSessions);
        // Until this process serves, the state directory belongs to the other one: nothing is written there.
        if (_predecessor.IsServing) _proxy.ReleaseState();
        _reporting.Begin(continues: _predecessor.PassCounters(Engine));
        int known = await _proxy.StartAsync(_predecessor.Listeners, _predecessor.Health);
        if (known > 0) _predecessor.ReportHealth(known, _proxy.Health.Verdicts.Count(v => !v.IsUp));
        _predecessor.ReportUnused();
        // It has its socket when this returns. Clients of the proxy do not wait until it answers.
        if (Configuration.Admin is { } admin and ({ Socket: not null } or { Listen.IsEmpty: false }))
            _admin = StartAdmin(AdminSockets.Bind(admin, admin.Socket is { } path ? _predecessor.TakeAdmin(path) : null));
        _sessionLog?.Start();
        _reporting.Start(_stop.Token);
        foreach (ActiveService service in _proxy.Composer.Services)
        {
            foreach (ConfiguredListenAddress address in service.Configuration.Listen) Events.Listening(_log, service.Name, address.Text);
        }
        Events.Ready(_log, Counted.Of(Configuration.Services.Length, "service"),
            Counted.Of(Configuration.Services.Sum(s => s.Listen.Length), "address", "addresses"), _sinceStart.ElapsedMilliseconds);
        _lifecycle.State = ProcessState.Serving;
        _serving.SetResult();

        bool forced = await TakeOverAsync() ? await DrainAsync() : await RetreatAsync();

        await _stop.CancelAsync();
        await _reporting.StopAsync();
        if (_sessionLog?.Stop(forced ? ForcedFlushWait : FlushWait) == false) Events.LogUnfinished(_log, _sessionLog.TargetName);
        // What happened since the last second, and while the log was written out.
        _reporting.ReportLast();
        ServiceCounts all = Engine.Metrics.Read().AllServices();
        Events.Ended(_log, Counted.Of(all.Accepted, "client"), all.Proxied, all.AllFailed, all.Refused);
        return forced ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private Task<AdminServer> StartAdmin(AdminSockets sockets)
    {
        _adminSockets = sockets;
        // A process that has handed over does not ask the others, because they would ask it in turn.
        GenerationFinder? finder =
            Configuration.Admin!.Socket is { } path && sockets.Unix?.Path == path ? new GenerationFinder(path) : null;
        AdminTarget target = new(_proxy, _reload, _lifecycle, _log)
            { Following = _following, Metrics = _reporting.MetricsOf(finder), Observed = _reporting.Observe, Logs = _logs };
        if (finder is not null) target = target with { Generations = finder.FindAsync };
        return AdminServer.StartAsync(sockets, AdminRoutes.All(target), TimeProvider.System, _log,
            AdminLimits.Default with
            {
                Connections = _proxy.Descriptors.AdminConnections, TcpConnections = _proxy.Descriptors.AdminTcpConnections,
            });
    }

    /// <summary>Already serving, it takes its place: it informs the previous process and the service manager, and waits for a
    /// successor.</summary>
    /// <returns>False: the previous process continues to serve.</returns>
    private async Task<bool> TakeOverAsync()
    {
        if (!await _predecessor.ConfirmAsync(Task.WhenAny(_termination.First, _lifecycle.DrainRequested))) return false;
        _proxy.ReclaimState();
        if (_predecessor.HasTakenOver) _succession.Claim();
        if (_predecessor.HasTakenOver) _reporting.CountTakeOver(_sinceStart.Elapsed);
        _manager.Ready($"serving {Counted.Of(Configuration.Services.Length, "service")}");
        if (Watchdog.FromEnvironment(out string? fault) is { } interval && _manager.IsActive)
            Engine.StartHeartbeat(interval, _manager.Alive);
        if (fault is not null) Events.WatchdogFault(_log, fault);
        if (_admin is null || Configuration.Admin!.Socket is not { } socket) return true;
        AdminServer admin = await _admin;
        try
        {
            _succession.Await(socket, admin);
        }
        catch (BindException e)
        {
            Events.NoTakeOver(_log, e.Message);
        }
        return true;
    }

    /// <summary>The previous process continues. The few sessions that came here may finish.</summary>
    private async Task<bool> RetreatAsync()
    {
        _lifecycle.BeginDraining("the previous process continues to serve", Configuration.Engine.DrainTimeout);
        await GiveWayAsync();
        await new Draining(Engine, _log).RunAsync(Configuration.Engine.DrainTimeout,
            _termination.First.IsCompleted ? _termination.Second : _termination.First);
        return true;
    }

    /// <summary>Leaves everything that the previous process has too, including files, without any effect on it. What this process has bound
    /// beside that is closed, with its files.</summary>
    private async Task GiveWayAsync()
    {
        if (_admin is not null) (await _admin).GiveBack();
        _proxy.ReleaseState();
        _succession.GiveBack();
    }

    /// <summary>
    /// Waits until an end is requested or another process takes over, and lets the sessions continue for as long as they may. True when a
    /// signal cut it short.
    /// </summary>
    private async Task<bool> DrainAsync()
    {
        await Task.WhenAny(_termination.First, _lifecycle.DrainRequested, _succession.HandedOver);
        if (_succession.HandedOver.IsCompleted && !await OutliveAsync(await _succession.HandedOver)) return false;
        // An operator's request is cut short by the first signal, a signal's by the second.
        bool bySignal = _termination.First.IsCompleted;
        DrainRequest request = bySignal ? new DrainRequest(await _termination.First, null) : await _lifecycle.DrainRequested;
        // An operator who asks from now on learns that an earlier request applies.
        _lifecycle.RequestDrain(request);
        TimeSpan limit = request.Timeout ?? Configuration.Engine.DrainTimeout;
        _lifecycle.BeginDraining(request.Cause, limit);
        _manager.Stopping($"{request.Cause}: waiting for sessions to close", limit + EndMargin);
        _succession.StopListening();
        Events.Draining(_log, request.Cause, Counted.Of(Engine.Sessions, "session"), limit.TotalSeconds);
        return await new Draining(Engine, _log).RunAsync(limit, bySignal ? _termination.Second : _termination.First);
    }

    /// <summary>Another process listens now: stays until the last session has ended, with its own administrative interface.</summary>
    /// <returns>Whether an end is requested before.</returns>
    private async Task<bool> OutliveAsync(int next)
    {
        _lifecycle.BeginDraining(next > 0 ? $"process {next} has taken over" : "another process has taken over", successor: next);
        Events.HandedOver(_log, next, Counted.Of(Engine.Sessions, "session"));
        _manager.Status($"process {next} has taken over; waiting for sessions to close");
        await _following.Streams.EndAsync(_lifecycle.Draining!.Cause);
        await (await _admin!).DisposeAsync();
        try
        {
            _admin = StartAdmin(
                AdminSockets.On(GenerationName.Bind(Configuration.Admin!.Socket!, AdminSocket.PermissionsOf(Configuration.Admin!))));
        }
        catch (BindException e)
        {
            // It still obeys signals, and its sessions continue.
            _admin = null;
            Events.AdminTrouble(_log, $"not served while sessions close: {e.Message}", null);
        }
        return await new Draining(Engine, _log).OutliveAsync(Task.WhenAny(_termination.First, _lifecycle.DrainRequested));
    }

    /// <summary>
    /// Binds the socket of the administrative interface again, whose file was deleted. A part of each reload, whatever becomes of the rest:
    /// without the file a signal is all that an operator has left. In the turn of a reload.
    /// </summary>
    private string? RestoreAdminSocket()
    {
        try
        {
            if (_adminSockets?.Restore() is not { } path) return null;
            Events.AdminRestored(_log, path);
            return $"admin.socket {path}: bound again, because its file was gone";
        }
        catch (BindException e)
        {
            Events.AdminTrouble(_log, e.Message, null);
            return null;
        }
    }

    /// <summary>
    /// On the signal thread, which must not wait. A start is not interrupted before it is done. The session log is opened again first, and
    /// whatever becomes of the reload: by a rotation that has moved its file, nothing more may be written there.
    /// </summary>
    private void OnHangUp() => _ = _proxy.Background.RunOnce("reload by SIGHUP", async () =>
    {
        await _serving.Task;
        await _logs.ReopenAsync("SIGHUP", _log);
        await _reload.FromFileAsync("SIGHUP", resetRemoved: false);
    });
}
