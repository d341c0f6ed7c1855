using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Logging.Sessions;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Engine.Records;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>
/// Both logs of the process, as far as a running process changes them: another configuration, and the file that is opened again. Any thread
/// but a loop. It owns neither.
/// </summary>
/// <param name="sessions">Null: there is no session log.</param>
/// <param name="ids">The ids of the process's sessions.</param>
/// <param name="isJournal">Whether standard error is the journal of systemd.</param>
internal sealed class ProxyLogs(EventOutput events, SessionLogWriter? sessions, SessionIds ids, bool isJournal, TimeProvider time)
{
    /// <summary>How long a request to open the file again waits for the thread of the log, which a disk may hold up.</summary>
    public static readonly TimeSpan ReopenWait = TimeSpan.FromSeconds(5);

    private string? _eventObstacle, _sessionObstacle;

    /// <summary>What keeps a log from its target now, a line for each.</summary>
    public ImmutableArray<string> Trouble =>
    [
        .. events.Obstacle is { } lost ? [$"operational log: {lost}: events go to standard error"] : (ImmutableArray<string>)[],
        .. sessions?.Obstacle is { } waits
            ? [$"session log: {sessions.TargetName} cannot be reached ({waits}): records wait for it"] : (ImmutableArray<string>)[],
        .. sessions?.Failure is { } loss
            ? [$"session log: {loss.Target} failed ({loss.Why}): {Counted.Of(sessions.RecordsLost, "record")} lost so far"]
            : (ImmutableArray<string>)[],
    ];

    /// <summary>Opens what another configuration asks for, and changes nothing yet.</summary>
    /// <param name="now">What is in force.</param>
    /// <exception cref="LogTargetException">The session log's file cannot be written.</exception>
    public PreparedLogs Prepare(LogConfiguration now, LogConfiguration wanted)
    {
        bool sameSyslog = now.Syslog == wanted.Syslog;
        bool sameSessions = now with { Events = wanted.Events } == wanted;
        return new PreparedLogs(
            sameSyslog && now.Events == wanted.Events ? null
                : new EventRoute(wanted.Events, wanted.Syslog, isJournal, time, StandardStream.Error()),
            sameSessions || sessions is null ? null : SessionLogRoute.Open(wanted, ids, time));
    }

    /// <summary>Puts it in force.</summary>
    public void Commit(PreparedLogs prepared)
    {
        if (prepared.Events is { } route) events.Route = route;
        if (prepared.Sessions is { } sink) sessions!.Switch(sink);
    }

    /// <summary>Opens the session log's file again.</summary>
    public async Task<ReopenOutcome> ReopenAsync(string author, ILogger log)
    {
        // A reader that takes no more must not hold up who asks for nothing of it.
        if (sessions is not { IsFile: true }) return new ReopenOutcome(null, null);
        ReopenOutcome outcome;
        try
        {
            outcome = await sessions.ReopenAsync().WaitAsync(ReopenWait);
        }
        catch (TimeoutException)
        {
            outcome = new ReopenOutcome(null, $"{sessions.TargetName} takes no bytes now; it is opened again when it does");
        }
        if (outcome.Error is { } why) Events.LogNotReopened(log, author, why);
        else if (outcome.Path is { } path) Events.LogReopened(log, path, author);
        return outcome;
    }

    /// <summary>Says which log has begun or ceased to wait for its server. One thread.</summary>
    public void Report(ILogger log)
    {
        if (events.Obstacle is var now && (now is null) != (_eventObstacle is null))
        {
            if (now is null) Events.EventServerBack(log, events.Route.Name);
            else Events.EventServerLost(log, now);
        }
        _eventObstacle = now;
        if (sessions?.Obstacle is var waits && (waits is null) != (_sessionObstacle is null))
        {
            if (waits is null) Events.SessionServerBack(log, sessions!.TargetName);
            else Events.SessionServerLost(log, sessions!.TargetName, waits);
        }
        _sessionObstacle = waits;
    }
}

/// <summary>Logs that are opened and not yet in force. The caller that has prepared them owns them until they are.</summary>
/// <param name="Events">Null: they stay.</param>
/// <param name="Sessions">Null: they stay.</param>
internal sealed record PreparedLogs(EventRoute? Events, SessionLogRoute? Sessions)
{
    /// <summary>Nothing changes.</summary>
    public static PreparedLogs None { get; } = new(null, null);

    /// <summary>They do not come into force.</summary>
    public void Discard()
    {
        Events?.Dispose();
        Sessions?.Dispose();
    }
}
