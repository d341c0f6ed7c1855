using System.CommandLine;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>drain</c>: the running proxy takes no more clients, and ends with its last session. Used by the main thread.</summary>
internal static class DrainCommand
{
    /// <summary>Zero: at once. The longest is that of the configuration.</summary>
    private static readonly TimeSpan TimeoutMin = TimeSpan.Zero, TimeoutMax = ConfigurationLimits.DurationMax;

    public static Command Build()
    {
        Option<string?> timeout = new("--timeout")
        {
            Description = "How long sessions may continue, such as 30s; by default engine.drainTimeout of the configuration.",
            HelpName = "DURATION",
        };
        OptionValues.RequireDuration(timeout, TimeoutMin, TimeoutMax);
        DocumentedCommand command = new(
            "drain",
            "Makes the running proxy drain as SIGTERM does: it stops listening, lets sessions continue for a time, resets the rest, "
            + "and exits. The command does not wait for that.",
            """
            fasttcpproxy drain
            fasttcpproxy drain --timeout 5m
            fasttcpproxy drain --generation 4711 --timeout 10s     an earlier process that drains without a limit
            """)
        { timeout };
        AdminOptions.Attach(command, (result, operation) => DrainAsync(operation, result.GetValue(timeout)));
        return command;
    }

    private static async Task<int> DrainAsync(AdminOperation operation, string? timeout)
    {
        AdminQuestion question = new AdminQuestion(HttpMethod.Post, AdminPaths.Drain).With(new DrainRequestDocument(timeout),
            DocumentContext.Default.DrainRequestDocument);
        AdminAnswer answer = await operation.Client.AskAsync(question);
        DrainDocument document = answer.Read(DocumentContext.Default.DrainDocument, "answer to a drain");
        operation.Print(answer.Body, _ => "");
        operation.Say(Text(document, timeout ?? "engine.drainTimeout"));
        return ExitCodes.Ok;
    }

    /// <summary>What follows for the sessions.</summary>
    /// <param name="limit">How long they may continue.</param>
    internal static string Text(DrainDocument document, string limit) => document switch
    {
        { Started: true, Sessions: 0 } => "it drains: no session is left, and it exits now",
        { Started: true } =>
            $"it drains: {Counted.Of(document.Sessions, "session")} may continue for {limit}, and it exits with the last one",
        { Sessions: 0 } => "it drains already, by an earlier request: no session is left",
        _ => $"it drains already, by an earlier request: {Counted.Of(document.Sessions, "session")} left",
    };
}
