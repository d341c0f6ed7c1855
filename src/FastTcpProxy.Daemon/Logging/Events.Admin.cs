using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <content>6xxx: the administrative interface.</content>
internal static partial class Events
{
    [LoggerMessage(6000, LogLevel.Information, "the administrative interface is on {Path}")]
    public static partial void AdminServing(ILogger log, string path);

    [Advice("Traffic continues. Do as the text says; a reload by SIGHUP binds a socket again that is gone.")]
    [LoggerMessage(6001, LogLevel.Warning, "administrative interface: {Text}")]
    public static partial void AdminTrouble(ILogger log, string text, Exception? exception);

    [Advice("Report it with this text. The request was answered with status 500, and traffic continues.")]
    [LoggerMessage(6002, LogLevel.Error, "administrative interface: {Request} failed by a defect, please report it")]
    public static partial void AdminFault(ILogger log, string request, Exception exception);

    [Advice("Find out what deleted it, often a cleaner of temporary files. Commands reach the proxy again.")]
    [LoggerMessage(6003, LogLevel.Warning,
        "the file of the administrative socket {Path} was gone, deleted or replaced by another process; the socket is bound there again")]
    public static partial void AdminRestored(ILogger log, string path);
}
