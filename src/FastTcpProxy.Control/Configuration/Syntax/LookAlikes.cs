using System.Globalization;
using System.Text;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>
/// Characters that word processors, web pages and input methods put in the place of plain ones. They look right and mean something else.
/// The names are those of the Unicode Character Database, which the platform does not have. Pure, any thread.
/// </summary>
internal static class LookAlikes
{
    /// <summary>Stands for a character that is to be removed: it has no width.</summary>
    public const char Nothing = '\0';

    private static readonly Dictionary<char, (char Meant, string Name)> Known = new()
    {
        ['\u201C'] = ('"', "left double quotation mark"),
        ['\u201D'] = ('"', "right double quotation mark"),
        ['\u201E'] = ('"', "double low-9 quotation mark"),
        ['\u201F'] = ('"', "double high-reversed-9 quotation mark"),
        ['\u00AB'] = ('"', "left-pointing double angle quotation mark"),
        ['\u00BB'] = ('"', "right-pointing double angle quotation mark"),
        ['\u2033'] = ('"', "double prime"),
        ['\uFF02'] = ('"', "fullwidth quotation mark"),
        ['\u2018'] = ('\'', "left single quotation mark"),
        ['\u2019'] = ('\'', "right single quotation mark"),
        ['\u201A'] = ('\'', "single low-9 quotation mark"),
        ['\u2032'] = ('\'', "prime"),
        ['\u00B4'] = ('\'', "acute accent"),
        ['\u00A0'] = (' ', "no-break space"),
        ['\u2002'] = (' ', "en space"),
        ['\u2003'] = (' ', "em space"),
        ['\u2007'] = (' ', "figure space"),
        ['\u2009'] = (' ', "thin space"),
        ['\u2028'] = (' ', "line separator"),
        ['\u2029'] = (' ', "paragraph separator"),
        ['\u202F'] = (' ', "narrow no-break space"),
        ['\u3000'] = (' ', "ideographic space"),
        ['\u00AD'] = (Nothing, "soft hyphen"),
        ['\u200B'] = (Nothing, "zero width space"),
        ['\u200C'] = (Nothing, "zero width non-joiner"),
        ['\u200D'] = (Nothing, "zero width joiner"),
        ['\u200E'] = (Nothing, "left-to-right mark"),
        ['\u200F'] = (Nothing, "right-to-left mark"),
        ['\u2060'] = (Nothing, "word joiner"),
        ['\uFEFF'] = (Nothing, "zero width no-break space, the byte order mark"),
        ['\uFF1A'] = (':', "fullwidth colon"),
        ['\u2236'] = (':', "ratio"),
        ['\uFF0C'] = (',', "fullwidth comma"),
        ['\u3001'] = (',', "ideographic comma"),
        ['\uFF5B'] = ('{', "fullwidth left curly bracket"),
        ['\uFF5D'] = ('}', "fullwidth right curly bracket"),
        ['\uFF3B'] = ('[', "fullwidth left square bracket"),
        ['\uFF3D'] = (']', "fullwidth right square bracket"),
        ['\u2010'] = ('-', "hyphen"),
        ['\u2011'] = ('-', "non-breaking hyphen"),
        ['\u2012'] = ('-', "figure dash"),
        ['\u2013'] = ('-', "en dash"),
        ['\u2014'] = ('-', "em dash"),
        ['\u2212'] = ('-', "minus sign"),
        ['\uFF0D'] = ('-', "fullwidth hyphen-minus"),
        ['\uFF0E'] = ('.', "fullwidth full stop"),
        ['\u3002'] = ('.', "ideographic full stop"),
        ['\u2044'] = ('/', "fraction slash"),
        ['\u2215'] = ('/', "division slash"),
        ['\uFF0F'] = ('/', "fullwidth solidus"),
        ['\u0430'] = ('a', "Cyrillic small letter a"),
        ['\u0435'] = ('e', "Cyrillic small letter ie"),
        ['\u043E'] = ('o', "Cyrillic small letter o"),
        ['\u0440'] = ('p', "Cyrillic small letter er"),
        ['\u0441'] = ('c', "Cyrillic small letter es"),
        ['\u0445'] = ('x', "Cyrillic small letter ha"),
        ['\u0456'] = ('i', "Cyrillic small letter Byelorussian-Ukrainian i"),
    };

    /// <summary>The plain character that was meant; null when this is none of the known ones.</summary>
    public static char? Meant(char c)
    {
        if (Known.TryGetValue(c, out (char Meant, string Name) found)) return found.Meant;
        // Digits of full width are in the order of the plain ones.
        return c is >= '\uFF10' and <= '\uFF19' ? (char)('0' + (c - '\uFF10')) : null;
    }

    /// <summary>The text with plain characters.</summary>
    public static string Replace(string text)
    {
        StringBuilder plain = new(text.Length);
        foreach (char c in text)
        {
            if (Meant(c) is not { } meant) plain.Append(c);
            else if (meant != Nothing) plain.Append(meant);
        }
        return plain.ToString();
    }

    /// <summary>The first look-alike of a text; null when there is none.</summary>
    public static char? First(string text)
    {
        int at = text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0 ? -1 : text.ToList().FindIndex(c => Meant(c) is not null);
        return at < 0 ? null : text[at];
    }

    /// <summary>The character for messages, with its code point and its name: it looks like another one, or like nothing.</summary>
    public static string Describe(char c)
    {
        string name = Known.TryGetValue(c, out (char Meant, string Name) found) ? found.Name
            : c is >= '\uFF10' and <= '\uFF19' ? $"fullwidth digit {(char)('0' + (c - '\uFF10'))}"
            : c == 0 ? "NUL" : c == '\t' ? "tab" : char.IsControl(c) ? "a control character" : "";
        return string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4}{(name.Length > 0 ? $" ({name})" : "")}");
    }

    /// <summary>What to write in its place.</summary>
    public static string Advice(char c) => Meant(c) switch
    {
        null or Nothing => "remove it",
        ' ' => "write a plain space",
        '\'' => "write a plain \"",
        { } meant => $"write a plain {meant}",
    };
}
