using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Configuration.Problems;

/// <summary>How values appear in messages: short and on one line. Pure functions, any thread.</summary>
internal static class Wording
{
    /// <summary>Longer texts are cut: a message is one readable line.</summary>
    private const int LengthMax = 80;

    /// <summary>The text in quotes, escaped and cut.</summary>
    public static string Quote(string text) => "\"" + Shorten(text) + "\"";

    /// <summary>
    /// The text escaped and cut: for values, which a reader knows by their beginning. Never for a reason, whose end may say what to do.
    /// </summary>
    public static string Shorten(string text) => OneLine.Escape(text, LengthMax);

    /// <summary>Several words as a choice: <c>"a", "b" or "c"</c>.</summary>
    public static string Choice(IReadOnlyList<string> words) => words.Count == 1
        ? Quote(words[0])
        : string.Join(", ", words.Take(words.Count - 1).Select(Quote)) + " or " + Quote(words[^1]);
}
