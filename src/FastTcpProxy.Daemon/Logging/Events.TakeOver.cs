using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>70xx: take-over of the listeners by the next process; 71xx: the service manager.</content>
internal static partial class Events
{
    [LoggerMessage(7000, LogLevel.Information, "take-over: process {ProcessId} asks for the listeners")]
    public static partial void TakeOverBegins(ILogger log, int processId);

    [Advice("Start the new process as the same user, or as root.")]
    [LoggerMessage(7001, LogLevel.Warning, "take-over: process {ProcessId} of user {User} was refused, expected user {Expected} or root")]
    public static partial void TakeOverRefused(ILogger log, int processId, uint user, uint expected);

    [Advice("Clients notice nothing. Mend what the text names, and start the new process again.")]
    [LoggerMessage(7002, LogLevel.Warning, "take-over by process {ProcessId} failed, this process continues: {Why}")]
    public static partial void TakeOverFailed(ILogger log, int processId, string why);

    [Advice("Report it with this text. This process continues to serve.")]
    [LoggerMessage(7003, LogLevel.Error, "take-over by process {ProcessId} failed because of a defect, please report it")]
    public static partial void TakeOverFault(ILogger log, int processId, Exception exception);

    [LoggerMessage(7004, LogLevel.Information, "process {ProcessId} has taken over; {Sessions} may continue here, without a limit")]
    public static partial void HandedOver(ILogger log, int processId, string sessions);

    [LoggerMessage(7005, LogLevel.Information, "took over from process {ProcessId}, version {Version}, which {State}")]
    public static partial void TookOver(ILogger log, int processId, string version, string state);

    [Advice("Read the log of that process, and start this one again.")]
    [LoggerMessage(7006, LogLevel.Error,
        "cannot take over: process {ProcessId} continues to serve, and its log says why; this process exits, start it again")]
    public static partial void TakeOverTooLate(ILogger log, int processId);

    [LoggerMessage(7007, LogLevel.Information, "take-over: no process listens at {Path}, starting without one")]
    public static partial void NoProcessToFollow(ILogger log, string path);

    [Advice("Mend what the text names and start the program again at a quiet time. Until then an upgrade needs a stop.")]
    [LoggerMessage(7008, LogLevel.Warning, "no process can take over from this one: {Why}")]
    public static partial void NoTakeOver(ILogger log, string why);

    [Advice("Take the address out of the socket unit, or add it to the configuration.")]
    [LoggerMessage(7009, LogLevel.Warning, "{Address}: a listening socket was passed that the configuration does not name; it was closed")]
    public static partial void UnusedSocket(ILogger log, string address);

    [Advice("See what holds the older process. Both serve, so clients notice nothing.")]
    [LoggerMessage(7010, LogLevel.Warning,
        "take-over: process {ProcessId} does not answer, and both processes serve until it does; if it does not continue by itself, "
        + "end it (kill -9); then this one serves alone")]
    public static partial void TakeOverWaits(ILogger log, int processId);

    [LoggerMessage(7011, LogLevel.Information,
        "take-over: the check results of process {ProcessId} apply to {Upstreams}, {Down} of them down")]
    public static partial void HealthTakenOver(ILogger log, int processId, string upstreams, int down);

    [Advice("Nothing for clients. Graphs show a restart of the counters.")]
    [LoggerMessage(7013, LogLevel.Warning,
        "take-over: counters of process {ProcessId}, or of one before it, cannot be read ({Why}); they begin anew here")]
    public static partial void CountersUnread(ILogger log, int processId, string why);

    [Advice("Start the program again at once: clients are refused.")]
    [LoggerMessage(7012, LogLevel.Error,
        "the listeners that were kept during a take-over cannot be served again; this process no longer listens, start it again: {Why}")]
    public static partial void NotTakenBack(ILogger log, string why);

    [LoggerMessage(7100, LogLevel.Information, "the service manager passed {Sockets}: {Addresses}")]
    public static partial void Activated(ILogger log, string sockets, string addresses);

    [Advice("Look at NOTIFY_SOCKET and the unit. With Type=notify the service manager takes the start for failed.")]
    [LoggerMessage(7101, LogLevel.Warning, "the service manager cannot be notified: {Fault}")]
    public static partial void NotifyFault(ILogger log, string fault);

    [Advice("Look at WatchdogSec of the unit. Without a watchdog a process that hangs is not started again.")]
    [LoggerMessage(7102, LogLevel.Warning, "no watchdog: {Fault}")]
    public static partial void WatchdogFault(ILogger log, string fault);
}
