using System.CommandLine;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// The option <c>--force</c>, and what it is for: another operator has set the same thing a moment ago, and may be at work on it. Used by
/// the main thread.
/// </summary>
internal sealed class ForceOption
{
    /// <summary>How long what another operator has set is not overwritten without a question.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);

    private readonly Option<bool> _force = new("--force")
    {
        Description = $"Overwrite without confirmation what another operator set within the last {Recent.TotalMinutes:0} minutes.",
    };

    public ForceOption(Command command) => command.Options.Add(_force);

    public bool Value(ParseResult result) => result.GetValue(_force);

    /// <summary>Asks at a terminal, and refuses without one.</summary>
    /// <param name="operation">Whose output may be for a program, which cannot answer.</param>
    /// <param name="before">What was seen.</param>
    /// <param name="caller">As whom the proxy knows this process; null: it does not say.</param>
    /// <param name="what">That in words.</param>
    /// <param name="force">Whether the option was given.</param>
    /// <exception cref="AdminClientException">It is not to be overwritten.</exception>
    public static void Check(AdminOperation operation, OverrideDocument before, string? caller, string what, bool force)
    {
        if (force || caller is null || IsSame(before.Author, caller) || DateTime.UtcNow - before.At >= Recent) return;
        if (operation.IsJson || Console.IsInputRedirected || Console.IsErrorRedirected)
            throw new AdminClientException($"{what}; nothing was done: --force overwrites what another operator set recently");
        Console.Error.Write(OneLine.Escape($"{what}. Overwrite it? [y/N] "));
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes")) throw new AdminClientException("nothing was done");
    }

    /// <summary>Over TCP each command comes from another port.</summary>
    private static bool IsSame(string author, string caller) => WithoutPort(author) == WithoutPort(caller);

    private static string WithoutPort(string author)
    {
        int port = author.StartsWith(Caller.TokenPrefix, StringComparison.Ordinal) ? author.LastIndexOf(':') : -1;
        return port < 0 ? author : author[..port];
    }
}
