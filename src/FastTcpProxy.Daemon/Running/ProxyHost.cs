using System.Diagnostics;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Admin;
using FastTcpProxy.Daemon.Admin.Routes;
using FastTcpProxy.Daemon.CommandLine;
using FastTcpProxy.Daemon.OperationalLog;
using FastTcpProxy.Daemon.SessionLog;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Listening;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Running;

/// <summary>
/// The running program: the proxy, its logs and signals from the start to the end. One task drives it; it owns all of them.
/// </summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    /// <summary>How long the end waits for the session log's reader.</summary>
    private static readonly TimeSpan FlushWait = TimeSpan.FromSeconds(2);

    /// <summary>The same when a second signal asked for the end at once.</summary>
    private static readonly TimeSpan ForcedFlushWait = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _log;
    private readonly Termination _termination;
    private readonly Lifecycle _lifecycle = new(TimeProvider.System.GetUtcNow());
    private readonly RunningProxy _proxy;
    private readonly ConfigurationReload _reload;
    private readonly SessionLogWriter? _sessionLog;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private Task<AdminServer>? _admin;

    private ProxyHost(LoadedConfiguration loaded, StartOptions options, ILogger log)
    {
        ProxyConfiguration configuration = loaded.Configuration;
        _log = log;
        _termination = new Termination(OnHangUp);
        bool records = configuration.Log.Format != LogFormatSetting.None;
        _proxy = new RunningProxy(configuration, records, new ResolutionEvents(log), new HealthEvents(log), new OverrideEvents(log));
        _reload = new ConfigurationReload(_proxy, options, loaded, TimeProvider.System, log);
        ISessionFormat? format = configuration.Log.Format switch
        {
            LogFormatSetting.Json => new JsonSessionFormat(),
            LogFormatSetting.Tcplog => new TcpLogSessionFormat(TimeZoneInfo.Local),
            _ => null,
        };
        if (format is not null) _sessionLog = new SessionLogWriter(Engine.Records, format, new StandardOutput());
    }

    private ProxyEngine Engine => _proxy.Engine;

    private ProxyConfiguration Configuration => _reload.Current.Configuration;

    /// <summary>Serves until a signal or an operator ends it. Returns the exit code.</summary>
    public static async Task<int> RunAsync(LoadedConfiguration loaded, StartOptions options)
    {
        using LineQueue lines = new(Console.Error);
        OneLineLogger log = new(lines.Add, TimeProvider.System);
        await using ProxyHost host = new(loaded, options, log);
        return await host.ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_admin is not null) await (await _admin).DisposeAsync();
        await _proxy.DisposeAsync();
        _sessionLog?.Dispose();
        _termination.Dispose();
    }

    private async Task<int> ServeAsync()
    {
        Events.Starting(_log, ProgramCommand.Version, Environment.ProcessId, Configuration.Engine.Threads);
        LimitsReport.Write(_log, Engine, Configuration.Engine.MaxSessions);
        try
        {
            await _proxy.StartAsync();
            // It has its socket when this returns; clients of the proxy need not wait until it answers.
            if (Configuration.Admin?.Socket is { } path)
                _admin = AdminServer.StartAsync(path, AdminRoutes.All(new AdminTarget(_proxy, _reload, _lifecycle, _log)), TimeProvider.System, _log);
        }
        catch (BindException e)
        {
            foreach (string line in e.Message.Split(Environment.NewLine)) Events.CannotListen(_log, line);
            return ExitCodes.Failed;
        }
        _sessionLog?.Start();
        EngineMonitor monitor = new(_log, Engine.Counters, _sessionLog);
        Task monitoring = monitor.RunAsync(TimeProvider.System, _stop.Token);
        foreach (ActiveService service in _proxy.Composer.Services)
        {
            foreach (ListenAddress address in service.Configuration.Listen) Events.Listening(_log, service.Name, address.Text);
        }
        Events.Ready(_log, Configuration.Services.Length, Configuration.Services.Sum(s => s.Listen.Length), _sinceStart.ElapsedMilliseconds);
        _lifecycle.State = ProcessState.Serving;

        bool forced = await DrainAsync();

        await _stop.CancelAsync();
        await monitoring;
        if (_sessionLog?.Stop(forced ? ForcedFlushWait : FlushWait) == false) Events.LogUnfinished(_log);
        // What happened since the last second, and while the log was written out.
        monitor.Look();
        Events.Ended(_log, Engine.Counters.Sum(c => c.Accepted), Engine.Counters.Sum(c => c.Joined),
            Engine.Counters.Sum(c => c.AllFailed), Engine.Counters.Sum(c => c.Refused));
        return forced ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>Waits until somebody wants the end, and lets the sessions go on for as long as they may. True when a signal cut it short.</summary>
    private async Task<bool> DrainAsync()
    {
        await Task.WhenAny(_termination.First, _lifecycle.DrainRequested);
        // An operator's request is cut short by the first signal, a signal's by the second.
        bool bySignal = _termination.First.IsCompleted;
        DrainRequest request = bySignal ? new DrainRequest(await _termination.First, null) : await _lifecycle.DrainRequested;
        _lifecycle.State = ProcessState.Draining;
        Engine.StopAccepting();
        TimeSpan limit = request.Timeout ?? Configuration.Engine.DrainTimeout;
        Events.Draining(_log, request.Cause, Engine.Sessions, limit.TotalSeconds);
        return await new Draining(Engine, _log).RunAsync(limit, bySignal ? _termination.Second : _termination.First);
    }

    /// <summary>On the signal thread, which must not wait.</summary>
    private void OnHangUp() => _ = Task.Run(() => _reload.FromFileAsync("SIGHUP", resetRemoved: false));
}
