using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>62xx: who asked the administrative interface for which change, and who was refused. Values stand in quotes.</content>
internal static partial class Events
{
    [LoggerMessage(6200, LogLevel.Information,
        "change: author={Author} origin={Origin} change={Change}{Service}{Upstream} result={Result}{Reason}")]
    public static partial void AdminChange(ILogger log, EventPart author, EventPart origin, string change, EventPart service,
        EventPart upstream, EventPart result, EventPart reason);

    [Advice("Nothing was changed. The operator got the reason as the answer of the command.")]
    [LoggerMessage(6201, LogLevel.Warning,
        "no change: author={Author} origin={Origin} change={Change}{Service}{Upstream} result={Result}{Reason}")]
    public static partial void AdminChangeRefused(ILogger log, EventPart author, EventPart origin, string change, EventPart service,
        EventPart upstream, EventPart result, EventPart reason);

    [Advice("Correct the token of that client (`--token-file`). If no client should ask from there, close the port.")]
    [LoggerMessage(6210, LogLevel.Warning,
        "administrative interface: {Origin} showed {What} and was not let in ({Dropped} more since the last line)")]
    public static partial void AdminNotAuthenticated(ILogger log, string origin, string what, long dropped);

    [Advice("Close what keeps connections open, such as many that follow events.")]
    [LoggerMessage(6211, LogLevel.Warning,
        "administrative interface: a connection beyond the {Max} that may be open at once was closed ({Dropped} more since the last line)")]
    public static partial void AdminTooManyConnections(ILogger log, int max, long dropped);

    [Advice("Find the client that the text names: it keeps connections, or does not read its answers. Commands are served.")]
    [LoggerMessage(6216, LogLevel.Warning, "administrative interface: {Max} connections were open, as many as may be, and one that had "
        + "been idle for {Seconds:0.0} s ({Origin}) was closed for a new one ({Dropped} more since the last line)")]
    public static partial void AdminConnectionGivenUp(ILogger log, int max, string origin, double seconds, long dropped);
}
