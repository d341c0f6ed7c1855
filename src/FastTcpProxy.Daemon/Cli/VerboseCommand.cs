using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Logging.Steps;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>verbose</c>: whose sessions tell every step that they take. Used by the main thread.</summary>
internal static class VerboseCommand
{
    private const string DefaultFor = "10m";

    public static Command Build() =>
        new("verbose", "Lets sessions tell every step, from the accept to the close, in the operational log and in events.")
        {
            BuildOn(),
            BuildOff(),
            BuildList(),
        };

    private static DocumentedCommand BuildOn()
    {
        Option<string?> service = NameArguments.ServiceOption("The sessions of this service.");
        Option<string?> client = new("--client")
        {
            Description = "The sessions of this address or network, such as 192.0.2.0/24.", HelpName = "NETWORK",
        };
        client.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && ValueText.ReadNetwork(text, out _) is { } wrong)
                result.AddError($"--client {wrong}");
        });
        Option<string?> limit = new("--for")
        {
            Description = $"For how long, 1s to 1h; by default {DefaultFor}.", HelpName = "TIME",
        };
        OptionValues.RequireDuration(limit, VerboseRules.ForMin, VerboseRules.ForMax);
        DocumentedCommand command = new(
            "on",
            "Begins with the clients that are accepted from now on.",
            """
            fasttcpproxy verbose on --service mail --for 10m
            fasttcpproxy verbose on --client 192.0.2.7
            fasttcpproxy events --follow --level debug        then shows the steps
            """)
        {
            service, client, limit,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(service) is null && result.GetResult(client) is null) result.AddError("expected --service or --client");
        });
        AdminOptions.Attach(command, (result, operation) => OnAsync(operation,
            new VerboseRequestDocument(result.GetValue(service), result.GetValue(client), result.GetValue(limit) ?? DefaultFor)));
        return command;
    }

    private static async Task<int> OnAsync(AdminOperation operation, VerboseRequestDocument wanted)
    {
        AdminAnswer answer = await operation.Client.AskAsync(
            new AdminQuestion(HttpMethod.Post, AdminPaths.Verbose) { Names = (wanted.Service, []) }.With(wanted,
                DocumentContext.Default.VerboseRequestDocument));
        VerboseRuleDocument rule = answer.Read(DocumentContext.Default.VerboseRuleDocument, "rule");
        operation.Print(answer.Body, _ => "");
        operation.Say($"rule {rule.Id}: {What(rule)} tell their steps until {rule.Expires:HH:mm:ss} UTC "
            + "(fasttcpproxy events --follow shows them)");
        return ExitCodes.Ok;
    }

    private static DocumentedCommand BuildOff()
    {
        Argument<long?> id = new("ID")
        {
            Description = "The number of a rule, from the list; by default all of them.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = ReadId,
        };
        DocumentedCommand command = new("off", "Removes one rule, or all of them. Sessions that have begun tell their steps to the end.",
            """
            fasttcpproxy verbose off
            fasttcpproxy verbose off 3
            """)
        {
            id,
        };
        AdminOptions.Attach(command, (result, operation) => OffAsync(operation, result.GetValue(id)));
        return command;
    }

    private static async Task<int> OffAsync(AdminOperation operation, long? id)
    {
        AdminAnswer answer = await operation.Client.AskAsync(new AdminQuestion(HttpMethod.Delete, AdminPaths.ToVerbose(id)));
        RemovedDocument removed = answer.Read(DocumentContext.Default.RemovedDocument, "answer");
        operation.Print(answer.Body, _ => "");
        operation.Say($"{Counted.Of(removed.Removed, "rule")} removed");
        return ExitCodes.Ok;
    }

    private static DocumentedCommand BuildList()
    {
        DocumentedCommand command = new("list", "Prints the rules, who set them, and until when.", "fasttcpproxy verbose list");
        AdminOptions.Attach(command, async (_, operation) =>
        {
            AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.Verbose);
            VerboseDocument document = answer.Read(DocumentContext.Default.VerboseDocument, "list of rules");
            operation.Print(answer.Body, screen => Table(document, screen));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Table(VerboseDocument document, Screen screen)
    {
        if (document.Rules.IsEmpty) return "no rule\n";
        TextTable table = new("!Id#", "Service", "Client", "By", "!Until (UTC)");
        foreach (VerboseRuleDocument rule in document.Rules)
            table.Add(TextTable.Cell($"{rule.Id}"), TextTable.Cell(rule.Service ?? "any"), TextTable.Cell(rule.Client ?? "any"),
                TextTable.Cell(rule.Author), TextTable.Cell($"{rule.Expires:HH:mm:ss}"));
        return screen.Draw([table.Done()]);
    }

    private static string What(VerboseRuleDocument rule) =>
        "sessions" + (rule.Service is null ? "" : $" of service {rule.Service}") + (rule.Client is null ? "" : $" from {rule.Client}");

    private static long? ReadId(ArgumentResult result)
    {
        if (long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long id)) return id;
        result.AddError($"ID {result.Tokens[0].Value}: expected the number of a rule, as in the list");
        return null;
    }
}
