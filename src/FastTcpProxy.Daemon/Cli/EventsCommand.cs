using System.CommandLine;
using System.Text.Json;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>events</c>: what happened of late in the running proxy, and what happens now. Used by the main thread.</summary>
internal static class EventsCommand
{
    public static Command Build()
    {
        Option<bool> follow = new("--follow", "-f") { Description = "Print new events as they happen, until Ctrl+C." };
        Option<string?> since = new("--since")
        {
            Description = "Only those of the last 10m, 2h or 1d; by default all, and with --follow the new ones alone.", HelpName = "TIME",
        };
        OptionValues.RequireDuration(since, EventChoice.SinceMin, EventChoice.SinceMax);
        Option<string?> level = new("--level")
        {
            Description = "Only those of this level and above: debug, info, warning or error.", HelpName = "LEVEL",
        };
        OptionValues.Restrict(level, [.. EventChoice.Levels]);
        Option<string?> service = NameArguments.ServiceOption("Only those of this service.");
        Option<int?> limit = new("--limit")
        {
            Description = $"At most this many, the last ones, 1 to {EventChoice.ListedMax}; by default {EventChoice.ListedDefault}.",
            HelpName = "N",
            CustomParser = OptionValues.WholeNumber(1, EventChoice.ListedMax),
        };
        DocumentedCommand command = new(
            "events",
            "Prints what happened of late: upstreams that went down and came back, changes by operators, reloads, take-overs, refused "
            + "clients, and whatever else the operational log has. On a terminal, what to do stands below the first event of each number.",
            """
            fasttcpproxy events
            fasttcpproxy events --since 10m --level warning
            fasttcpproxy events --follow --service mail
            fasttcpproxy events --follow --json | jq -r .text
            """)
        {
            follow, since, level, service, limit,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(follow) && result.GetResult(limit) is { Implicit: false })
                result.AddError("--follow and --limit exclude each other; --since says where to begin");
        });
        AdminOptions.Attach(command, (result, operation) =>
        {
            EventChoice choice = new(result.GetValue(since), result.GetValue(level), result.GetValue(service));
            return result.GetValue(follow)
                ? EventsFollow.RunAsync(operation, choice)
                : ListAsync(operation, choice, result.GetValue(limit));
        });
        return command;
    }

    private static async Task<int> ListAsync(AdminOperation operation, EventChoice choice, int? limit)
    {
        AdminAnswer answer = await operation.Client.AskAsync(AdminQuestion.Get(AdminPaths.ToEvents(choice, limit)));
        EventsDocument document = answer.Read(DocumentContext.Default.EventsDocument, "list of events");
        if (document.Events.IsEmpty && choice.Service is not null
            && NameHint.For(choice.Names!.Value, (await operation.ReadStatusAsync()).Services) is { } stranger)
            return AdminOperation.Fail(stranger);
        if (operation.IsJson)
        {
            PrintJson(answer.Body);
            return ExitCodes.Ok;
        }
        foreach (GenerationDocument generation in document.Generations ?? [])
        {
            GenerationName name = GenerationName.Of(generation.Socket, generation.Pid);
            AdminOperation.Warn($"process {name}, which drains, has its own events: --generation {name}");
        }
        if (document.More) AdminOperation.Warn($"there are older events too; --limit N prints more than {document.Events.Length}");
        if (document.Events.IsEmpty) operation.Say("no event");
        EventsText text = new();
        Screen screen = Screen.OfStandardOutput();
        foreach (EventDocument recent in document.Events) Console.Out.Write(text.Lines(recent, screen));
        return ExitCodes.Ok;
    }

    /// <summary>One object a line, as the proxy sent it.</summary>
    private static void PrintJson(byte[] answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        foreach (JsonElement recent in document.RootElement.GetProperty("events").EnumerateArray())
            Console.Out.Write(JsonText.Object(recent));
    }
}
