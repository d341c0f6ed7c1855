using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>63xx: what operators follow.</content>
internal static partial class Events
{
    [Advice("The causes are explained in the reference of the session log. limitReached: raise maxSessions, or engine.maxSessions, "
        + "if the machine allows it. notTrusted: add the balancer's network to acceptProxy. invalidHeader: the balancer sends "
        + "none, or another one.")]
    [LoggerMessage(6300, LogLevel.Warning, "service {Service}: refused {Clients} in the last second: {Causes}")]
    public static partial void ClientsRefused(ILogger log, string service, string clients, string causes);

    [Advice("Let the program that follows events read faster, or ask for fewer (`--level`).")]
    [LoggerMessage(6301, LogLevel.Warning, "a stream of events to {Origin} was closed: its reader took nothing for {Seconds} s")]
    public static partial void StreamStalled(ILogger log, string origin, double seconds);

    [LoggerMessage(6310, LogLevel.Debug, "service {Service}, session {Session} of {Client}, +{Since}: {Step}{Upstream}{Detail}")]
    public static partial void SessionStep(ILogger log, string service, string session, string client, string since, string step,
        EventPart upstream, string detail);

    [LoggerMessage(6311, LogLevel.Information, "verbose {Rule}, {What} (by {Author}), has expired")]
    public static partial void VerboseExpired(ILogger log, string rule, string what, string author);

    [Advice("Narrow the rule: `fasttcpproxy verbose on` for one service and one client network.")]
    [LoggerMessage(6312, LogLevel.Warning,
        "verbose: left out in the last second: {Steps} beyond {EventsMax} a second, and {Sessions} beyond {SessionsMax} at once")]
    public static partial void StepsLeftOut(ILogger log, string steps, int eventsMax, string sessions, int sessionsMax);
}
