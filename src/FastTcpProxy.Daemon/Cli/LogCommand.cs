using System.CommandLine;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>log reopen</c>: the running proxy opens the file of its session log again. Used by the main thread.</summary>
internal static class LogCommand
{
    public static Command Build() => new("log", "The session log of the running proxy.") { BuildReopen() };

    private static DocumentedCommand BuildReopen()
    {
        DocumentedCommand command = new(
            "reopen",
            "Makes the running proxy open the file of its session log again, after it was moved away. When the command returns, nothing "
            + "more is written to the old file.",
            """
            mv /var/log/fasttcpproxy/sessions.log{,.1} && fasttcpproxy log reopen && gzip /var/log/fasttcpproxy/sessions.log.1
            """);
        AdminOptions.Attach(command, (_, operation) => ReopenAsync(operation), ProxyLogs.ReopenWait * 2);
        return command;
    }

    private static async Task<int> ReopenAsync(AdminOperation operation)
    {
        AdminAnswer answer = await operation.Client.AskAsync(new AdminQuestion(HttpMethod.Post, AdminPaths.LogReopen));
        LogDocument document = answer.Read(DocumentContext.Default.LogDocument, "answer to a request to open the log again");
        operation.Print(answer.Body, _ => "");
        operation.Say(document.Path is { } path ? $"opened {path} again" : "nothing to open again: the session log is no file");
        return ExitCodes.Ok;
    }
}
