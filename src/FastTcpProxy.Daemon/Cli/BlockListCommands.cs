using System.CommandLine;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Entries;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>block import</c> and <c>block flush</c>: whole lists. Used by the main thread.</summary>
internal static class BlockListCommands
{
    /// <summary>The largest list is put in force and written before it is answered.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static DocumentedCommand BuildImport()
    {
        Argument<string> file = new("FILE")
        {
            Description = "A list with an address or a network in each line, or an object in JSON; - is standard input.",
        };
        Option<string?> service = NameArguments.ServiceOption("The clients of this service alone; by default of all.");
        Option<string?> limit = BlockCommand.ForOption(), reason = BlockCommand.ReasonOption();
        DocumentedCommand command = new("import", "Denies all networks of a list, or none of them when a line is wrong.",
            """
            fasttcpproxy block import drop.txt --for 1d --reason drop
            curl -sS https://lists.example/drop.txt | fasttcpproxy block import -
            """)
        {
            file, service, limit, reason,
        };
        AdminOptions.Attach(command, (result, operation) => ImportAsync(operation, result.GetRequiredValue(file),
            AdminPaths.ToBlockImport(result.GetValue(service), result.GetValue(limit), result.GetValue(reason))), Patience);
        return command;
    }

    public static DocumentedCommand BuildFlush()
    {
        Option<string?> service = NameArguments.ServiceOption("The entries for this service alone; by default all of them.");
        DocumentedCommand command = new("flush", "Removes all entries that deny.", "fasttcpproxy block flush") { service };
        AdminOptions.Attach(command, async (result, operation) =>
        {
            AdminAnswer answer = await operation.Client.AskAsync(
                new AdminQuestion(HttpMethod.Post, AdminPaths.ToBlockFlush("deny", result.GetValue(service))));
            RemovedDocument removed = answer.Read(DocumentContext.Default.RemovedDocument, "answer");
            operation.Print(answer.Body, _ => "");
            operation.Say($"{Counted.Of(removed.Removed, "entry", "entries")} removed");
            return ExitCodes.Ok;
        }, Patience);
        return command;
    }

    private static async Task<int> ImportAsync(AdminOperation operation, string file, string target)
    {
        if (Read(file, out string? why) is not { } text) return AdminOperation.Fail(why!);
        // A list of networks has no brace.
        bool isJson = text.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
        AdminQuestion question = new AdminQuestion(HttpMethod.Post, target).WithText(text);
        AdminAnswer answer = await operation.Client.AskAsync(isJson ? question.WithLines() : question);
        ImportedDocument imported = answer.Read(DocumentContext.Default.ImportedDocument, "answer");
        operation.Print(answer.Body, _ => "");
        operation.Say($"{Counted.Of(imported.Imported, "network")} imported");
        return ExitCodes.Ok;
    }

    private static byte[]? Read(string file, out string? why)
    {
        string name = file == "-" ? "standard input" : file;
        try
        {
            using Stream input = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            MemoryStream text = new();
            byte[] piece = new byte[64 * 1024];
            for (int count = input.Read(piece); count > 0; count = input.Read(piece))
            {
                text.Write(piece.AsSpan(0, count));
                if (text.Length <= EntryLimits.ImportBytesMax) continue;
                why = $"{name}: more than {EntryLimits.ImportBytesMax} bytes, expected less; put a list that long into guards.deny";
                return null;
            }
            why = null;
            return text.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"{name}: {e.Message}";
            return null;
        }
    }
}
