using System.Text;

namespace FastTcpProxy.Daemon.Texts;

/// <summary>Keeps texts that came from outside on one line of a terminal or a log. Pure, any thread.</summary>
internal static class OneLine
{
    /// <summary>
    /// The text with each control, format and separator character but the space written as <c>\uXXXX</c> (halves of a pair too): no text can begin a line of its
    /// own, turn the writing direction, or send a terminal a command.
    /// </summary>
    public static string Escape(string text)
    {
        if (!NeedsEscape(text)) return text;
        StringBuilder escaped = new(text.Length + 16);
        for (int i = 0; i < text.Length;)
        {
            bool whole = Rune.TryGetRuneAt(text, i, out Rune rune);
            int units = whole ? rune.Utf16SequenceLength : 1;
            if (whole && !MustEscape(rune)) escaped.Append(text, i, units);
            else foreach (char c in text.AsSpan(i, units)) escaped.Append($"\\u{(int)c:x4}");
            i += units;
        }
        return escaped.ToString();
    }

    private static bool NeedsEscape(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune) || MustEscape(rune)) return true;
            i += rune.Utf16SequenceLength;
        }
        return false;
    }

    private static bool MustEscape(Rune rune) => Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator;
}
