using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>The texts of results: one line, printable, bounded, whatever an origin sent. Pure functions, any thread.</summary>
internal static class ProbeText
{
    private const string Cut = "...";

    /// <summary>The text with all that is not printable escaped, and cut at <see cref="ProbeResult.TextMax"/>.</summary>
    public static string Line(string text)
    {
        if (text.Length <= ProbeResult.TextMax && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        StringBuilder line = new();
        // Where the mark of the cut would still have room, and no escape is cut in two.
        int fits = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (line.Length <= ProbeResult.TextMax - Cut.Length) fits = line.Length;
            if (IsPrintable(rune)) line.Append(rune.ToString());
            else line.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X4}}}");
            if (line.Length <= ProbeResult.TextMax) continue;
            line.Length = fits;
            return line.Append(Cut).ToString();
        }
        return line.ToString();
    }

    /// <summary>Bytes of an origin in quotes, as text, escaped and cut.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes) => Wording.Quote(Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, QuotedBytesMax)]));

    /// <summary>A span of time as people write it: <c>5 s</c>, <c>250 ms</c>.</summary>
    public static string Span(TimeSpan span) => span < TimeSpan.FromSeconds(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.###} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###} s");

    /// <summary>A number of bytes, all of whose multiples here are whole: <c>80 KiB</c>.</summary>
    public static string Size(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KiB");

    /// <summary>More than a quote shows.</summary>
    private const int QuotedBytesMax = 160;

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
