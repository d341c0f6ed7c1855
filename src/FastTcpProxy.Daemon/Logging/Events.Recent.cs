using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>63xx: what operators follow.</content>
internal static partial class Events
{
    [LoggerMessage(6300, LogLevel.Warning, "service {Service}: refused {Clients} in the last second: {Causes}")]
    public static partial void ClientsRefused(ILogger log, string service, string clients, string causes);

    [LoggerMessage(6301, LogLevel.Warning, "a stream of events to {Origin} was closed: its reader took nothing for {Seconds} s")]
    public static partial void StreamStalled(ILogger log, string origin, double seconds);

    [LoggerMessage(6302, LogLevel.Information,
        "take-over: events before this one are those of process {ProcessId}, as long as it drains "
        + "(fasttcpproxy events --generation {Generation}), and in its log")]
    public static partial void EarlierEvents(ILogger log, int processId, string generation);

    [LoggerMessage(6310, LogLevel.Debug, "service {Service}, session {Session} of {Client}, +{Since}: {Step}{Upstream}{Detail}")]
    public static partial void SessionStep(ILogger log, string service, long session, string client, string since, string step,
        EventPart upstream, string detail);

    [LoggerMessage(6311, LogLevel.Information, "verbose {Rule}, {What} (by {Author}), has expired")]
    public static partial void VerboseExpired(ILogger log, string rule, string what, string author);

    [LoggerMessage(6312, LogLevel.Warning,
        "verbose: left out in the last second: {Steps} beyond {EventsMax} a second, and {Sessions} beyond {SessionsMax} at once")]
    public static partial void StepsLeftOut(ILogger log, string steps, int eventsMax, string sessions, int sessionsMax);
}
