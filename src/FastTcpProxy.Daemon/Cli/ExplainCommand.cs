using System.CommandLine;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>explain</c>: what would happen to a client now, and why. Used by the main thread.</summary>
internal static class ExplainCommand
{
    public static Command Build()
    {
        Option<string?> service = NameArguments.ServiceOption("The service that the client connects to.");
        service.Required = true;
        Option<string?> from = new("--from") { Description = "The client's IP address.", HelpName = "IP", Required = true };
        from.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ValueText.ReadAddress(text, out _) is { } wrong)
                result.AddError($"--from {wrong}");
        });
        DocumentedCommand command = new(
            "explain",
            "Says what would happen to a client now: the listeners, the guards, the upstreams in order with their state and "
            + "why, and their last attempts.",
            """
            fasttcpproxy explain --service mail --from 192.0.2.7
            """)
        { service, from };
        AdminOptions.Attach(command,
            (result, operation) => ExplainAsync(operation, result.GetRequiredValue(service)!, result.GetRequiredValue(from)!));
        return command;
    }

    private static async Task<int> ExplainAsync(AdminOperation operation, string service, string from)
    {
        AdminAnswer answer =
            await operation.Client.AskAsync(AdminQuestion.Get(AdminPaths.ToExplain(service, from)) with { Names = (service, []) });
        ExplainDocument document = answer.Read(DocumentContext.Default.ExplainDocument, "explanation");
        operation.Print(answer.Body, screen => ExplainText.Of(document, screen, DateTime.UtcNow));
        return ExitCodes.Ok;
    }
}
