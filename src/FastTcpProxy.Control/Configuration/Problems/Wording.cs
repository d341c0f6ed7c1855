using System.Globalization;
using System.Text;

namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>
/// How text from outside appears in messages: short, on one line, with nothing a terminal would obey. Pure functions, any thread.
/// </summary>
internal static class Wording
{
    /// <summary>Longer texts are cut: a message is one readable line.</summary>
    private const int LengthMax = 80;

    /// <summary>The text in quotes, escaped and cut.</summary>
    public static string Quote(string text) => "\"" + Shorten(text) + "\"";

    /// <summary>The text escaped and cut: for values, which a reader knows by their beginning. Never for a reason, whose end may say what to do.</summary>
    public static string Shorten(string text) => Escape(text, LengthMax);

    /// <summary>The text escaped, and whole: for what the system says.</summary>
    public static string Escape(string text) => Escape(text, int.MaxValue);

    private static string Escape(string text, int lengthMax)
    {
        // Nearly every text is short and plain.
        if (text.Length < lengthMax && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var result = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (result.Length >= lengthMax)
                return result.Append("...").ToString();
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse)
                result.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
            else
                result.Append(rune.ToString());
        }
        return result.ToString();
    }

    /// <summary>Several words as a choice: <c>"a", "b" or "c"</c>.</summary>
    public static string Choice(IReadOnlyList<string> words) => words.Count == 1
        ? Quote(words[0])
        : string.Join(", ", words.Take(words.Count - 1).Select(Quote)) + " or " + Quote(words[^1]);
}
