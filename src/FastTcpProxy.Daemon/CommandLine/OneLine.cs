using System.Text;

namespace FastTcpProxy.Daemon.CommandLine;

/// <summary>Keeps texts that came from outside on one line of a terminal or a log. Pure, any thread.</summary>
internal static class OneLine
{
    /// <summary>
    /// The text with each control, format and separator character but the space written as <c>\uXXXX</c>: no text can begin a line of its
    /// own, turn the writing direction, or send a terminal a command.
    /// </summary>
    public static string Escape(string text)
    {
        int first = 0;
        while (first < text.Length && !MustEscape(text[first])) first++;
        if (first == text.Length) return text;
        StringBuilder escaped = new(text, 0, first, text.Length + 16);
        foreach (char c in text.AsSpan(first))
        {
            if (MustEscape(c)) escaped.Append($"\\u{(int)c:x4}");
            else escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static bool MustEscape(char c) => char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.Surrogate;
}
