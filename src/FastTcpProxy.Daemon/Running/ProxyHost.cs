using System.Diagnostics;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Daemon.Admin;
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

    /// <summary>How often the number of sessions is looked at while they drain.</summary>
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(20);

    /// <summary>How long resets may take to reach the loops.</summary>
    private static readonly TimeSpan ResetWait = TimeSpan.FromSeconds(1);

    private readonly ProxyConfiguration _configuration;
    private readonly ILogger _log;
    private readonly Termination _termination;
    private readonly RunningProxy _proxy;
    private readonly SessionLogWriter? _sessionLog;
    private Task<AdminServer>? _admin;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();

    private ProxyHost(ProxyConfiguration configuration, ILogger log)
    {
        _configuration = configuration;
        _log = log;
        _termination = new Termination(() => Events.HangUp(log));
        bool records = configuration.Log.Format != LogFormatSetting.None;
        _proxy = new RunningProxy(configuration, records, new ResolutionEvents(log), new HealthEvents(log));
        ISessionFormat? format = configuration.Log.Format switch
        {
            LogFormatSetting.Json => new JsonSessionFormat(),
            LogFormatSetting.Tcplog => new TcpLogSessionFormat(TimeZoneInfo.Local),
            _ => null,
        };
        if (format is not null) _sessionLog = new SessionLogWriter(Engine.Records, format, new StandardOutput());
    }

    private ProxyEngine Engine => _proxy.Engine;

    /// <summary>Serves until a signal ends it. Returns the exit code.</summary>
    public static async Task<int> RunAsync(ProxyConfiguration configuration)
    {
        using LineQueue lines = new(Console.Error);
        OneLineLogger log = new(lines.Add, TimeProvider.System);
        await using ProxyHost host = new(configuration, log);
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
        Events.Starting(_log, ProgramCommand.Version, Environment.ProcessId, _configuration.Engine.Threads);
        LimitsReport.Write(_log, Engine, _configuration.Engine.MaxSessions);
        try
        {
            await _proxy.StartAsync();
            // It has its socket when this returns; clients of the proxy need not wait until it answers.
            if (_configuration.Admin?.Socket is { } path) _admin = AdminServer.StartAsync(path, _proxy.Status, TimeProvider.System, _log);
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
            foreach (ListenAddress address in service.Configuration.Listen) Events.Listening(_log, service.Configuration.Name, address.Text);
        }
        Events.Ready(_log, _proxy.Composer.Services.Length, _proxy.Composer.Services.Sum(s => s.Configuration.Listen.Length), _sinceStart.ElapsedMilliseconds);

        bool forced = await DrainAsync(await _termination.First);

        await _stop.CancelAsync();
        await monitoring;
        if (_sessionLog?.Stop(forced ? ForcedFlushWait : FlushWait) == false) Events.LogUnfinished(_log);
        // What happened since the last second, and while the log was written out.
        monitor.Look();
        Events.Ended(_log, Engine.Counters.Sum(c => c.Accepted), Engine.Counters.Sum(c => c.Joined),
            Engine.Counters.Sum(c => c.AllFailed), Engine.Counters.Sum(c => c.Refused));
        return forced ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>Lets the sessions end, for as long as they may. True when a second signal cut it short.</summary>
    private async Task<bool> DrainAsync(string signal)
    {
        Engine.StopAccepting();
        TimeSpan limit = _configuration.Engine.DrainTimeout;
        Events.Draining(_log, signal, Engine.Sessions, limit.TotalSeconds);
        long began = Stopwatch.GetTimestamp();
        while (Engine.Sessions > 0 && Stopwatch.GetElapsedTime(began) < limit && !_termination.Second.IsCompleted)
            await Task.WhenAny(Task.Delay(DrainLook), _termination.Second);
        bool forced = _termination.Second.IsCompleted;
        if (forced) Events.Forced(_log, await _termination.Second, Engine.Sessions);
        else if (Engine.Sessions > 0) Events.DrainTimedOut(_log, Engine.Sessions);
        if (Engine.Sessions == 0) return forced;
        Engine.ResetSessions();
        // So that the last sessions get their line too.
        began = Stopwatch.GetTimestamp();
        while (Engine.Sessions > 0 && Stopwatch.GetElapsedTime(began) < (forced ? ForcedFlushWait : ResetWait)) await Task.Delay(DrainLook);
        return forced;
    }
}
