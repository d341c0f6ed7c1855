using System.CommandLine;
using System.CommandLine.Parsing;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>sessions</c>: lists open sessions and resets them. Used by the main thread.</summary>
internal static class SessionsCommand
{
    public static Command Build() => new("sessions", "Shows open sessions and resets them.")
    {
        BuildList(),
        BuildKill(),
    };

    private static DocumentedCommand BuildList()
    {
        SessionChoiceOptions choice = new();
        Option<int?> limit = new("--limit")
        {
            Description = $"At most this many, 1 to {ProxyEngine.SessionsListedMax}; by default {SessionChoice.ListedDefault}. "
                + "The sessions that began last come first.",
            HelpName = "N",
            CustomParser = OptionValues.WholeNumber(1, ProxyEngine.SessionsListedMax),
        };
        DocumentedCommand command = new(
            "list",
            "Prints each client with its upstream, since when, and how many bytes were relayed.",
            """
            fasttcpproxy sessions list
            fasttcpproxy sessions list --service mail --upstream primary
            fasttcpproxy sessions list --client 192.0.2.0/24 --limit 1000 --json | jq '.sessions | length'
            """);
        choice.AddTo(command);
        command.Options.Add(limit);
        AdminOptions.Attach(command, (result, operation) => ListAsync(operation, choice.Read(result), result.GetValue(limit)));
        return command;
    }

    private static async Task<int> ListAsync(AdminOperation operation, SessionChoice choice, int? limit)
    {
        AdminAnswer answer =
            await operation.Client.AskAsync(AdminQuestion.Get(AdminPaths.ToSessions(choice, limit)) with { Names = choice.Names });
        SessionsDocument document = answer.Read(DocumentContext.Default.SessionsDocument, "list of sessions");
        if (document.Sessions.IsEmpty && await StrangerAsync(operation, choice) is { } stranger)
        {
            // A name that is gone here can be that of sessions of an earlier generation.
            if (document.Generations?.Any(g => g.Sessions > 0) ?? false)
                operation.Print(answer.Body, screen => SessionsText.Table(document, screen, DateTime.UtcNow));
            return AdminOperation.Fail(stranger);
        }
        operation.Print(answer.Body, screen => SessionsText.Table(document, screen, DateTime.UtcNow));
        return ExitCodes.Ok;
    }

    private static DocumentedCommand BuildKill()
    {
        Argument<string?> id = new("ID")
        {
            Description = "The id of a session, from the list or the session log.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = ReadId,
        };
        SessionChoiceOptions choice = new();
        Option<bool> all = new("--all") { Description = "Every session of the process." };
        DocumentedCommand command = new(
            "kill",
            "Resets a session, or all that match: both sides see a reset.",
            """
            fasttcpproxy sessions kill a3f09c21b7e4-4711
            fasttcpproxy sessions kill --service mail --upstream primary
            fasttcpproxy sessions kill --client 192.0.2.7
            """)
        { id };
        choice.AddTo(command);
        command.Options.Add(all);
        command.Validators.Add(result =>
        {
            int ways = (result.GetResult(id) is { Tokens.Count: > 0 } ? 1 : 0) + (choice.IsGiven(result) ? 1 : 0)
                + (result.GetValue(all) ? 1 : 0);
            if (ways == 0) result.AddError("expected the id of a session, or --service, --upstream or --client, or --all");
            if (ways > 1) result.AddError(
                "the id of a session, a filter by --service, --upstream or --client, and --all exclude each other");
        });
        AdminOptions.Attach(command,
            (result, operation) => KillAsync(operation, result.GetValue(id), choice.Read(result) with { IsAll = result.GetValue(all) }));
        return command;
    }

    private static async Task<int> KillAsync(AdminOperation operation, string? id, SessionChoice choice)
    {
        string target = id is not null ? AdminPaths.ToSession(id) : AdminPaths.ToSessions(choice);
        AdminAnswer answer = await operation.Client.AskAsync(new AdminQuestion(HttpMethod.Delete, target) { Names = choice.Names });
        KilledDocument document = answer.Read(DocumentContext.Default.KilledDocument, "answer to a kill");
        if (document.Killed == 0 && await StrangerAsync(operation, choice) is { } stranger) return AdminOperation.Fail(stranger);
        operation.Print(answer.Body, _ => "");
        operation.Say($"{Counted.Of(document.Killed, "session")}{choice} ended");
        return ExitCodes.Ok;
    }

    /// <summary>
    /// Which name of a choice that fits no session is unknown, and which there are; null: all are known, or none was given. The proxy takes
    /// any name, since sessions outlive the service that a reload took away.
    /// </summary>
    private static async Task<string?> StrangerAsync(AdminOperation operation, SessionChoice choice) =>
        choice is { Service: null, Upstream: null }
        ? null
        : NameHint.For(choice.Names!.Value, (await operation.ReadStatusAsync()).Services);

    private static string? ReadId(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (SessionIds.IsIdOrNumber(text)) return text;
        result.AddError($"ID {text}: expected the id of a session, as in the list");
        return null;
    }
}
