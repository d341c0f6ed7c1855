using System.CommandLine;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary><c>reload</c>: the running proxy reads its file again. Used by the main thread.</summary>
internal static class ReloadCommand
{
    /// <summary>A reload waits 2 s for names that are new, and for the reloads before it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Command Build()
    {
        Option<bool> reset = new("--reset") { Description = "Reset the sessions of removed listeners; without it they continue." };
        DocumentedCommand command = new(
            "reload",
            "Makes the running proxy read its configuration again, all or nothing: when the configuration is wrong, "
            + "nothing changes and the command exits 1.",
            """
            fasttcpproxy check --config proxy.json && fasttcpproxy reload
            fasttcpproxy reload --reset
            """)
        { reset };
        AdminOptions.Attach(command, (result, operation) => ReloadAsync(operation, result.GetValue(reset)), Patience);
        return command;
    }

    private static async Task<int> ReloadAsync(AdminOperation operation, bool reset)
    {
        AdminAnswer answer = await operation.Client.AskAsync(
            new AdminQuestion(HttpMethod.Post, AdminPaths.ToReload(reset)) { AlsoTaken = ReloadFindings.Refused });
        ReloadDocument document = answer.Read(DocumentContext.Default.ReloadDocument, "answer to a reload");
        operation.Print(answer.Body, _ => "");
        ReloadFindings.Print(operation, document, file: null);
        if (!document.Applied) return AdminOperation.Fail("the configuration was refused, and nothing has changed");
        operation.Say(document.Changes.IsEmpty
            ? "reloaded: nothing is different"
            : $"reloaded, {Counted.Of(document.Changes.Length, "change")}:");
        foreach (string change in document.Changes) operation.Say($"  {change}");
        return ExitCodes.Ok;
    }
}
