using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>62xx: who asked the administrative interface for which change, and who was refused. The values are already quoted.</content>
internal static partial class Events
{
    [LoggerMessage(6200, LogLevel.Information, "change: author={Author} origin={Origin} change={Change}{Where} result={Result}{Reason}")]
    public static partial void AdminChange(ILogger log, string author, string origin, string change, string where, string result,
        string reason);

    [LoggerMessage(6201, LogLevel.Warning, "no change: author={Author} origin={Origin} change={Change}{Where} result={Result}{Reason}")]
    public static partial void AdminChangeRefused(ILogger log, string author, string origin, string change, string where, string result,
        string reason);

    [LoggerMessage(6210, LogLevel.Warning,
        "administrative interface: {Origin} showed {What} and was not let in ({Dropped} more since the last line)")]
    public static partial void AdminNotAuthenticated(ILogger log, string origin, string what, long dropped);

    [LoggerMessage(6211, LogLevel.Warning,
        "administrative interface: a connection beyond the {Max} that may be open at once was closed ({Dropped} more since the last line)")]
    public static partial void AdminTooManyConnections(ILogger log, int max, long dropped);
}
