using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastTcpProxy.Control.Configuration.Kinds;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// The rules for the values of options, and the messages for a wrong one: <c>--option value: expected ...</c>, as in the configuration's
/// errors and in place of the library's own texts. Used by the main thread.
/// </summary>
internal static class OptionValues
{
    /// <summary>Reads a whole number from the least to the most; a wrong one is an error of the option.</summary>
    public static Func<ArgumentResult, int?> WholeNumber(int min, int max) => result =>
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= min
            && value <= max)
            return value;
        Refuse(result, max == min + 1 ? $"{min} or {max}" : $"a whole number from {min} to {max}");
        return null;
    };

    /// <summary>Makes a value that was not understood an error of its option.</summary>
    public static void Refuse(ArgumentResult result, string expected) =>
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} {Show(result.Tokens[0].Value)}: expected {expected}");

    /// <summary>Takes a duration as the configuration writes it, such as 30s, from the least to the most.</summary>
    public static void RequireDuration(Option<string?> option, TimeSpan min, TimeSpan max) => option.Validators.Add(result =>
    {
        if (result.Tokens is not [{ Value: var text }] || ValueText.ReadDuration(text, min, max, out _) is null) return;
        result.AddError($"{option.Name} {Show(text)}: expected a duration from {ValueText.WriteDuration(min)} "
            + $"to {ValueText.WriteDuration(max)}, a whole number with its unit ms, s, m, h or d");
    });

    /// <summary>Takes these words only, and offers them for completion.</summary>
    public static void Restrict(Option<string?> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: var text }] || words.Contains(text)) return;
            result.AddError($"{option.Name} {Show(text)}: expected {string.Join(", ", words[..^1])} or {words[^1]}");
        });
    }

    /// <summary>Refuses an empty value, as an unset variable of a script leaves it.</summary>
    public static void RefuseEmpty(Option option, string expected) => option.Validators.Add(result =>
    {
        if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError($"{option.Name} '': expected {expected}");
    });

    /// <summary>The value, in quotes when nothing would be seen of it.</summary>
    private static string Show(string text) => string.IsNullOrWhiteSpace(text) ? $"'{text}'" : text;
}
