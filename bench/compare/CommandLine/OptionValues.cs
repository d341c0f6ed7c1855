using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FastTcpProxy.Compare.CommandLine;

/// <summary>
/// What the values of options must be, and how a wrong one is said: <c>--option value: expected ...</c>. Used by the main thread.
/// </summary>
internal static class OptionValues
{
    /// <summary>Reads a whole number from the least to the most.</summary>
    public static Func<ArgumentResult, int> WholeNumber(int min, int max) => result =>
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= min
            && value <= max)
            return value;
        result.AddError($"{NameOf(result)} {Show(text)}: expected a whole number from {min} to {max}");
        return min;
    };

    /// <summary>Reads a number from the least to the most.</summary>
    public static Func<ArgumentResult, double?> Number(double min, double max) => result =>
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= min
            && value <= max)
            return value;
        result.AddError(
            string.Create(CultureInfo.InvariantCulture, $"{NameOf(result)} {Show(text)}: expected a number from {min} to {max}"));
        return min;
    };

    /// <summary>Reads words separated by commas, each once.</summary>
    /// <param name="words">Those that are known, and what they stand for.</param>
    /// <param name="all">The word for all of them; null when there is none.</param>
    public static Func<ArgumentResult, T[]> Words<T>(IReadOnlyList<(string Word, T Value)> words, string? all = null) => result =>
    {
        List<T> values = [];
        foreach (string text in result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (all is not null && text == all) return [.. words.Select(w => w.Value)];
            int index = words.ToList().FindIndex(w => w.Word == text);
            if (index < 0)
            {
                IEnumerable<string> known = words.Select(w => w.Word).Concat(all is null ? [] : [all]);
                result.AddError($"{NameOf(result)} {Show(text)}: expected some of {string.Join(',', known)}");
                return [];
            }
            if (!values.Contains(words[index].Value)) values.Add(words[index].Value);
        }
        return [.. values];
    };

    /// <summary>Refuses an empty value, as an unset variable of a script leaves it.</summary>
    public static void RefuseEmpty(Option option, string expected) => option.Validators.Add(result =>
    {
        if (result.Tokens.Any(t => string.IsNullOrWhiteSpace(t.Value))) result.AddError($"{option.Name} '': expected {expected}");
    });

    private static string? NameOf(ArgumentResult result) => (result.Parent as OptionResult)?.Option.Name;

    private static string Show(string text) => string.IsNullOrWhiteSpace(text) ? $"'{text}'" : text;
}
