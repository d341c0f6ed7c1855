using System.CommandLine;
using System.Text;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>config</c>: the configuration that is in force, and what another one would change. Used by the main thread.</summary>
internal static class ConfigCommand
{
    public static Command Build() => new("config", "Shows the configuration in force, and what another one would change.")
    {
        BuildShow(),
        BuildDiff(),
    };

    private static DocumentedCommand BuildShow()
    {
        DocumentedCommand command = new(
            "show",
            "Prints the text of the configuration that is in force, as it was written.",
            """
            fasttcpproxy config show
            fasttcpproxy config show | diff - proxy.json
            """);
        AdminOptions.Attach(command, async (_, operation) =>
        {
            AdminAnswer answer = await operation.Client.GetAsync(AdminPaths.Config);
            Show(answer, operation);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Show(AdminAnswer answer, AdminOperation operation)
    {
        if (operation.IsJson)
        {
            using MemoryStream json = new();
            using (Utf8JsonWriter writer = new(json))
            {
                writer.WriteStartObject();
                writer.WriteString("text", Encoding.UTF8.GetString(answer.Body));
                writer.WriteEndObject();
            }
            operation.Print(json.ToArray(), _ => "");
        }
        else if (Console.IsOutputRedirected)
        {
            // To the byte: it may become a file.
            using Stream output = Console.OpenStandardOutput();
            output.Write(answer.Body);
        }
        else
        {
            Console.Out.Write(JsonText.Lines(Encoding.UTF8.GetString(answer.Body)));
        }
    }

    private static DocumentedCommand BuildDiff()
    {
        Argument<string> file = new("FILE") { Description = "A configuration; - reads standard input." };
        file.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value)))
                result.AddError("FILE '': expected the path of a configuration");
        });
        DocumentedCommand command = new(
            "diff",
            "Asks the running proxy what a configuration would change, or why it could not be put in force (exit 1). Changes nothing.",
            """
            fasttcpproxy config diff new.json && mv new.json proxy.json && fasttcpproxy reload
            """)
        { file };
        AdminOptions.Attach(command, (result, operation) => DiffAsync(operation, result.GetRequiredValue(file)), ReloadCommand.Patience);
        return command;
    }

    private static async Task<int> DiffAsync(AdminOperation operation, string path)
    {
        if (ConfigurationFileOption.TryRead(path, out ConfigurationError? error) is not { } text)
        {
            ConfigurationFileOption.Print(error!);
            return ExitCodes.Failed;
        }
        path = ConfigurationFileOption.NameOf(path);
        AdminQuestion question = new AdminQuestion(HttpMethod.Post, AdminPaths.ConfigDiff).WithText(text);
        AdminAnswer answer = await operation.Client.AskAsync(question with { AlsoTaken = ReloadFindings.Refused });
        ReloadDocument document = answer.Read(DocumentContext.Default.ReloadDocument, "answer to a comparison");
        operation.Print(answer.Body, _ => "");
        ReloadFindings.Print(operation, document, path);
        foreach (string change in document.Changes) operation.Say(change);
        if (!document.Errors.IsEmpty)
            return AdminOperation.Fail($"{path} cannot be put in force: {Counted.Of(document.Errors.Length, "error")}");
        operation.Say(document.Changes.IsEmpty
            ? "nothing is different"
            : $"{Counted.Of(document.Changes.Length, "change")}; it can be put in force");
        return ExitCodes.Ok;
    }
}
