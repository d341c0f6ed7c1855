using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>622x: the logs themselves.</content>
internal static partial class Events
{
    [Advice("Look at the syslog server. Nothing is lost, as long as standard error is read.")]
    [LoggerMessage(6220, LogLevel.Warning, "operational log: {Obstacle}: events go to standard error until it can")]
    public static partial void EventServerLost(ILogger log, string obstacle);

    [LoggerMessage(6221, LogLevel.Information, "operational log: events go to {Target} again")]
    public static partial void EventServerBack(ILogger log, string target);

    [Advice("Start the syslog server. Traffic continues.")]
    [LoggerMessage(6222, LogLevel.Warning,
        "session log: {Target} cannot be reached ({Why}): records wait for it, and further ones are dropped when their rings are full")]
    public static partial void SessionServerLost(ILogger log, string target, string why);

    [LoggerMessage(6223, LogLevel.Information, "session log: {Target} is reached again")]
    public static partial void SessionServerBack(ILogger log, string target);

    [LoggerMessage(6224, LogLevel.Information, "session log: {Path} was opened again by {Author}")]
    public static partial void LogReopened(ILogger log, string path, string author);

    [Advice("Repair the folder or its permissions, and ask again: `fasttcpproxy log reopen`.")]
    [LoggerMessage(6225, LogLevel.Error,
        "session log: its file was not opened again, as {Author} asked; lines go where they went before: {Why}")]
    public static partial void LogNotReopened(ILogger log, string author, string why);
}
