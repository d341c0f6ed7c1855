using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.OperationalLog;

/// <content>70xx: take-over of the listeners by the next process; 71xx: the service manager.</content>
internal static partial class Events
{
    [LoggerMessage(7000, LogLevel.Information, "take-over: process {ProcessId} asks for the listeners")]
    public static partial void TakeOverBegins(ILogger log, int processId);

    [LoggerMessage(7001, LogLevel.Warning, "take-over: process {ProcessId} of user {User} was refused, expected user {Expected} or root")]
    public static partial void TakeOverRefused(ILogger log, int processId, uint user, uint expected);

    [LoggerMessage(7002, LogLevel.Warning, "take-over by process {ProcessId} did not come about, this process goes on: {Why}")]
    public static partial void TakeOverFailed(ILogger log, int processId, string why);

    [LoggerMessage(7003, LogLevel.Error, "take-over by process {ProcessId} failed by a defect, please report it")]
    public static partial void TakeOverFault(ILogger log, int processId, Exception exception);
}
