namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// What the scripts of <see cref="CompletionScripts"/> ask: <c>[suggest:N] LINE</c>, the directive of System.CommandLine. The library
/// completes no value behind <c>--option=</c>, and throws at one. So the value is asked for as a word of its own, and the answers get the
/// option back. Immutable.
/// </summary>
internal sealed class CompletionQuestion
{
    private const string Directive = "[suggest:";

    private readonly string _option;

    private CompletionQuestion(string directive, string line, string option)
    {
        Arguments = [directive, line];
        _option = option;
    }

    /// <summary>What the library is asked.</summary>
    public string[] Arguments { get; }

    /// <summary>The question in these arguments; null: they are a command.</summary>
    public static CompletionQuestion? Of(string[] args)
    {
        if (args is not [var directive, var line] || !directive.StartsWith(Directive, StringComparison.Ordinal)) return null;
        // The scripts cut the line at the cursor.
        int word = line.LastIndexOf(' ') + 1;
        int equals = line.IndexOf('=', word);
        if (equals < 0 || !line.AsSpan(word).StartsWith("--")) return new(directive, line, "");
        return new(directive, $"{line[..equals]} {line[(equals + 1)..]}", line[word..(equals + 1)]);
    }

    /// <summary>The answer to the shell, one completion in each line.</summary>
    public string Answer(string completions) => string.Concat(
        completions.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            // Behind "=" comes the value, and not the next option.
            .Where(completion => _option.Length == 0 || !completion.StartsWith('-'))
            .Select(completion => $"{_option}{completion}\n"));
}
