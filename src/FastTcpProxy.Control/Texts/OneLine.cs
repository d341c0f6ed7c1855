using System.Globalization;
using System.Text;

namespace FastTcpProxy.Control.Texts;

/// <summary>Keeps texts from outside on one line of a terminal, a log or a message. Pure, any thread.</summary>
public static class OneLine
{
    private const string Cut = "...";

    /// <summary>
    /// The text with every character that is not printable written as <c>\uXXXX</c>, as JSON does (halves of a pair too): no text can begin
    /// a line of its own, turn the writing direction, or send a terminal a command.
    /// </summary>
    public static string Escape(string text) => Escape(text, int.MaxValue);

    /// <summary>The same, cut at a number of characters. A cut text ends in three dots, and no escape is cut in two.</summary>
    public static string Escape(string text, int lengthMax)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= lengthMax && IsPrintable(text)) return text;
        StringBuilder line = new();
        int fits = 0;
        for (int i = 0; i < text.Length;)
        {
            if (line.Length <= lengthMax - Cut.Length) fits = line.Length;
            bool whole = Rune.TryGetRuneAt(text, i, out Rune rune);
            int units = whole ? rune.Utf16SequenceLength : 1;
            if (whole && IsPrintable(rune)) line.Append(text, i, units);
            else foreach (char c in text.AsSpan(i, units)) line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            i += units;
            if (line.Length > lengthMax) return line.Remove(fits, line.Length - fits).Append(Cut).ToString();
        }
        return line.ToString();
    }

    private static bool IsPrintable(string text)
    {
        // Nearly every text is plain.
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return true;
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune) || !IsPrintable(rune)) return false;
            i += rune.Utf16SequenceLength;
        }
        return true;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.PrivateUse);
}
