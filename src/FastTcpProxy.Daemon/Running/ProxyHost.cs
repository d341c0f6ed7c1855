using System.Collections.Immutable;
using System.Diagnostics;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Daemon.CommandLine;
using FastTcpProxy.Daemon.OperationalLog;
using FastTcpProxy.Daemon.SessionLog;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Listening;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Running;

/// <summary>
/// The running program: engine, resolver, logs and signals from the start to the end. One task drives it; it owns all of them.
/// </summary>
internal sealed class ProxyHost : IAsyncDisposable
{
    /// <summary>How long the start waits for DNS names, all together, before it goes on without them.</summary>
    private static readonly TimeSpan ResolveWait = TimeSpan.FromSeconds(2);

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
    private readonly ProxyEngine _engine;
    private readonly ImmutableArray<ActiveService> _services;
    private readonly NameResolver _resolver;
    private readonly SessionLogWriter? _sessionLog;
    private readonly CancellationTokenSource _stop = new();
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();

    private ProxyHost(ProxyConfiguration configuration, ILogger log)
    {
        _configuration = configuration;
        _log = log;
        _termination = new Termination(() => Events.HangUp(log));
        _engine = new ProxyEngine(new EngineOptions
        {
            Threads = configuration.Engine.Threads,
            SessionsMax = configuration.Engine.MaxSessions,
            RecordSessions = configuration.Log.Format != LogFormatSetting.None,
        });
        _services = ServiceActivation.Activate(configuration);
        _resolver = new NameResolver(_services, new ResolutionEvents(log));
        ISessionFormat? format = configuration.Log.Format switch
        {
            LogFormatSetting.Json => new JsonSessionFormat(),
            LogFormatSetting.Tcplog => new TcpLogSessionFormat(TimeZoneInfo.Local),
            _ => null,
        };
        if (format is not null) _sessionLog = new SessionLogWriter(_engine.Records, format, new StandardOutput());
    }

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
        await _resolver.DisposeAsync();
        _engine.Dispose();
        _sessionLog?.Dispose();
        _termination.Dispose();
    }

    private async Task<int> ServeAsync()
    {
        Events.Starting(_log, ProgramCommand.Version, Environment.ProcessId, _configuration.Engine.Threads);
        LimitsReport.Write(_log, _engine, _configuration.Engine.MaxSessions);
        await _resolver.StartAsync(ResolveWait);
        try
        {
            _engine.Start([.. _services.Select(ServiceActivation.ToEngineService)]);
        }
        catch (BindException e)
        {
            foreach (string line in e.Message.Split(Environment.NewLine)) Events.CannotListen(_log, line);
            return ExitCodes.Failed;
        }
        _sessionLog?.Start();
        EngineMonitor monitor = new(_log, _engine.Counters, _sessionLog);
        Task monitoring = monitor.RunAsync(TimeProvider.System, _stop.Token);
        foreach (ActiveService service in _services)
        {
            foreach (ListenAddress address in service.Configuration.Listen) Events.Listening(_log, service.Configuration.Name, address.Text);
        }
        Events.Ready(_log, _services.Length, _services.Sum(s => s.Configuration.Listen.Length), _sinceStart.ElapsedMilliseconds);

        bool forced = await DrainAsync(await _termination.First);

        await _stop.CancelAsync();
        await monitoring;
        if (_sessionLog?.Stop(forced ? ForcedFlushWait : FlushWait) == false) Events.LogUnfinished(_log);
        // What happened since the last second, and while the log was written out.
        monitor.Look();
        Events.Ended(_log, _engine.Counters.Sum(c => c.Accepted), _engine.Counters.Sum(c => c.Joined),
            _engine.Counters.Sum(c => c.AllFailed), _engine.Counters.Sum(c => c.Refused));
        return forced ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>Lets the sessions end, for as long as they may. True when a second signal cut it short.</summary>
    private async Task<bool> DrainAsync(string signal)
    {
        _engine.StopAccepting();
        TimeSpan limit = _configuration.Engine.DrainTimeout;
        Events.Draining(_log, signal, _engine.Sessions, limit.TotalSeconds);
        long began = Stopwatch.GetTimestamp();
        while (_engine.Sessions > 0 && Stopwatch.GetElapsedTime(began) < limit && !_termination.Second.IsCompleted)
            await Task.WhenAny(Task.Delay(DrainLook), _termination.Second);
        bool forced = _termination.Second.IsCompleted;
        if (forced) Events.Forced(_log, await _termination.Second, _engine.Sessions);
        else if (_engine.Sessions > 0) Events.DrainTimedOut(_log, _engine.Sessions);
        if (_engine.Sessions == 0) return forced;
        _engine.ResetSessions();
        // So that the last sessions get their line too.
        began = Stopwatch.GetTimestamp();
        while (_engine.Sessions > 0 && Stopwatch.GetElapsedTime(began) < (forced ? ForcedFlushWait : ResetWait)) await Task.Delay(DrainLook);
        return forced;
    }
}
