using System.CommandLine;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>status</c>: the state of the running proxy and its upstreams. Used by the main thread.</summary>
internal static class StatusCommand
{
    public static Command Build()
    {
        DocumentedCommand command = new(
            "status",
            "Asks the running proxy which upstreams serve and why, what operators have set, and what checks found. "
            + "Exits 3 when clients of a service are refused, and 4 when all its upstreams are down and are tried nevertheless.",
            """
            fasttcpproxy status
            fasttcpproxy status --socket /run/mail-proxy/admin.sock
            fasttcpproxy status --url https://proxy.example:9470 --token-file admin.token
            fasttcpproxy status --generation 4711          an earlier process that still drains
            fasttcpproxy status --json | jq '.services[].upstreams[] | select(.serving | not).name'
            """);
        AdminOptions.Attach(command, (_, operation) => ShowAsync(operation));
        return command;
    }

    private static async Task<int> ShowAsync(AdminOperation operation)
    {
        AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.Status);
        StatusDocument status = answer.Read(DocumentContext.Default.StatusDocument, "status");
        operation.Print(answer.Body, screen => StatusText.Table(status, screen, DateTime.UtcNow));
        if (!status.Ready) return ExitCodes.NotReady;
        return status.Readiness == "degraded" ? ExitCodes.Degraded : ExitCodes.Ok;
    }
}
