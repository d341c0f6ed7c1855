using System.CommandLine;
using System.Text;
using FastTcpProxy.Control.Entries;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// <c>block</c> and <c>allow</c>: networks that are denied or allowed at run time. Used by the main thread.
/// </summary>
internal static class BlockCommand
{
    public static Command BuildBlock() =>
        new("block", "Denies clients by their address, at once and for as long as wanted. Their sessions are reset.")
        {
            BuildAdd("block", "deny", "Denies an address or a network."),
            BuildDel("block", "deny"),
            BuildList("block", "deny"),
            BuildCheck(),
            BlockListCommands.BuildImport(),
            BlockListCommands.BuildFlush(),
        };

    public static Command BuildAllow() =>
        new("allow", "Lets clients in by their address, whatever denies or limits them.")
        {
            BuildAdd("allow", "allow", "Allows an address or a network."),
            BuildDel("allow", "allow"),
            BuildList("allow", "allow"),
        };

    public static Option<string?> ForOption()
    {
        Option<string?> limit = new("--for") { Description = "For how long, such as 1h; by default for good.", HelpName = "TIME" };
        OptionValues.RequireDuration(limit, EntryLimits.ForMin, EntryLimits.ForMax);
        return limit;
    }

    public static Option<string?> ReasonOption() => new("--reason")
    {
        Description = $"Why, for those who read the list; at most {EntryLimits.ReasonCharsMax} characters.", HelpName = "TEXT",
    };

    private static Argument<string> Network()
    {
        Argument<string> network = new("NETWORK") { Description = "An address, or a network such as 192.0.2.0/24." };
        network.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }]
                && !NetworkText.TryParse(Encoding.UTF8.GetBytes(text), out _, out string? why)) result.AddError($"NETWORK {why}");
        });
        return network;
    }

    private static DocumentedCommand BuildAdd(string verb, string action, string description)
    {
        Argument<string> network = Network();
        Option<string?> service = NameArguments.ServiceOption("The clients of this service alone; by default of all.");
        Option<string?> limit = ForOption(), reason = ReasonOption();
        DocumentedCommand command = new("add", $"{description} An entry that is there gets another end and reason.",
            $"""
            fasttcpproxy {verb} add 192.0.2.7 --for 1h --reason spam
            fasttcpproxy {verb} add 2001:db8::/48 --service mail
            """)
        {
            network, service, limit, reason,
        };
        AdminOptions.Attach(command, (result, operation) => AddAsync(operation,
            new EntryRequestDocument(result.GetRequiredValue(network), action)
            {
                Service = result.GetValue(service), For = result.GetValue(limit), Reason = result.GetValue(reason),
            }));
        return command;
    }

    private static async Task<int> AddAsync(AdminOperation operation, EntryRequestDocument wanted)
    {
        AdminAnswer answer = await operation.Client.AskAsync(new AdminQuestion(HttpMethod.Post, AdminPaths.Block)
        {
            Names = wanted.Service is { } service ? (service, []) : null,
        }.With(wanted, DocumentContext.Default.EntryRequestDocument));
        EntryDocument entry = answer.Read(DocumentContext.Default.EntryDocument, "entry");
        operation.Print(answer.Body, _ => "");
        operation.Say($"{entry.Network} is {BlockText.Past(entry.Action)}{BlockText.At(entry.Service)} {BlockText.Until(entry.Expires)}");
        return ExitCodes.Ok;
    }

    private static DocumentedCommand BuildDel(string verb, string action)
    {
        Argument<string> network = Network();
        Option<string?> service = NameArguments.ServiceOption("The entry for this service; by default the one for all services.");
        DocumentedCommand command = new("del", "Removes an entry.", $"fasttcpproxy {verb} del 192.0.2.7") { network, service };
        AdminOptions.Attach(command, async (result, operation) =>
        {
            string text = result.GetRequiredValue(network);
            string? name = result.GetValue(service);
            AdminAnswer answer = await operation.Client.AskAsync(
                new AdminQuestion(HttpMethod.Delete, AdminPaths.ToBlock(text, action, name)));
            operation.Print(answer.Body, _ => "");
            operation.Say($"{text} is no longer {BlockText.Past(action)}{BlockText.At(name)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static DocumentedCommand BuildList(string verb, string action)
    {
        Option<string?> service = NameArguments.ServiceOption("The entries for this service alone.");
        Option<int?> limit = new("--limit")
        {
            Description = $"How many at most, 1 to {AdminLimits.EntriesListedMax}; by default {AdminLimits.EntriesListedDefault}.",
            HelpName = "N", CustomParser = OptionValues.WholeNumber(1, AdminLimits.EntriesListedMax),
        };
        DocumentedCommand command = new("list", "Prints the entries: until when, who made them, and why.",
            $"fasttcpproxy {verb} list --service mail") { service, limit };
        AdminOptions.Attach(command, async (result, operation) =>
        {
            AdminAnswer answer = await operation.Client.GetAsync(
                AdminPaths.ToBlockList(action, result.GetValue(service), result.GetValue(limit)));
            BlockDocument document = answer.Read(DocumentContext.Default.BlockDocument, "list of entries");
            operation.Print(answer.Body, screen => BlockText.Of(document, screen));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static DocumentedCommand BuildCheck()
    {
        Argument<string> address = new("ADDRESS") { Description = "The address of a client." };
        DocumentedCommand command = new("check", "Says what holds for an address at each service, and which entry decides.",
            "fasttcpproxy block check 192.0.2.7") { address };
        AdminOptions.Attach(command, async (result, operation) =>
        {
            AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.ToBlockCheck(result.GetRequiredValue(address)));
            BlockCheckDocument document = answer.Read(DocumentContext.Default.BlockCheckDocument, "answer");
            operation.Print(answer.Body, screen => BlockText.Of(document, screen));
            return ExitCodes.Ok;
        });
        return command;
    }
}
