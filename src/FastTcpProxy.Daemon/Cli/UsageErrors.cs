using System.CommandLine;
using System.CommandLine.Parsing;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>What is wrong with a command line, and how to write it, one line each on standard error. Used by the main thread.</summary>
internal static class UsageErrors
{
    /// <summary>Prints what is wrong with a line that was not understood.</summary>
    /// <returns>The exit code.</returns>
    public static int Print(ParseResult result)
    {
        Command command = result.CommandResult.Command;
        // A stray word comes first, and alone: that something else is missing is mostly its consequence.
        if (result.UnmatchedTokens is [var stray, ..]) Say(DescribeStray(result, command, stray));
        foreach (ParseError error in result.Errors)
        {
            if (result.UnmatchedTokens.Count == 0 || error.SymbolResult is OptionResult { IdentifierToken: not null }) Say(Describe(error));
        }
        if (command.Subcommands.Count > 0)
            TerminalLine.Complain($"Commands: {string.Join(", ", command.Subcommands.Select(c => c.Name))}");
        TerminalLine.Complain($"See: {PathOf(result.CommandResult)} --help");
        return ExitCodes.Usage;
    }

    /// <summary>
    /// What is missing, and how to write it, in place of the library's own words; the message of a value's own rule as it is. The result of
    /// what is missing has no words of the line.
    /// </summary>
    private static string Describe(ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? (error.SymbolResult as ArgumentResult)?.Parent as OptionResult;
        if (option is { Tokens.Count: 0, Option.Arity.MinimumNumberOfValues: > 0 })
        {
            string what = option.IdentifierToken is null ? "is missing" : "has no value";
            return $"{option.Option.Name} {what}: write {Usage(option.Option)}";
        }
        return error.SymbolResult switch
        {
            ArgumentResult { Tokens.Count: 0, Argument.Arity.MinimumNumberOfValues: > 0, Parent: CommandResult command } argument =>
                $"{argument.Argument.Name} is missing: write {Usage(command)}",
            CommandResult { Command: { Action: null, Subcommands.Count: > 0 } } command =>
                $"the command is missing: write {PathOf(command)} and one of the commands below",
            _ => error.Message,
        };
    }

    private static string Usage(Option option) => $"{option.Name} {option.HelpName ?? "VALUE"}";

    private static string Usage(CommandResult command) =>
        $"{PathOf(command)} {string.Join(' ', command.Command.Arguments.Select(a => a.Name))}";

    /// <summary>The command as it is typed.</summary>
    private static string PathOf(CommandResult command)
    {
        List<string> path = [];
        for (CommandResult? at = command; at is not null; at = at.Parent as CommandResult)
            path.Insert(0, at.Command is RootCommand ? "fasttcpproxy" : at.Command.Name);
        return string.Join(' ', path);
    }

    private static string DescribeStray(ParseResult result, Command command, string stray)
    {
        // Which command it is for is known only after its name.
        if (command.Options.Any(o => o.Name == stray || o.Aliases.Contains(stray)))
            return $"{stray} is an option of {command.Name}: write it after \"{command.Name}\"";
        if (stray.StartsWith('-')) return $"unknown option {stray}" + Suggest(stray, command.Options.Select(o => o.Name));
        if (command.Subcommands.Count > 0) return $"unknown command \"{stray}\"" + Suggest(stray, command.Subcommands.Select(c => c.Name));
        Option? config = command.Options.FirstOrDefault(o => o.Name == ConfigurationFileOption.Name);
        bool isMissing = config is not null && result.GetResult(config) is not { Tokens.Count: > 0 };
        return isMissing ? $"unexpected argument \"{stray}\": write {config!.Name} {stray}" : $"unexpected argument \"{stray}\"";
    }

    private static string Suggest(string word, IEnumerable<string> candidates) =>
        Spelling.Nearest(word, candidates) is { } nearest ? $"; did you mean {nearest}?" : "";

    private static void Say(string text) => TerminalLine.Complain($"error: {text}");
}
