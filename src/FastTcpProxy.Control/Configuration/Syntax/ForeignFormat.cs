using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Syntax;

/// <summary>
/// Knows the beginning of files of other formats, and of texts that are not UTF-8: these have one mistake, and not one for each of their
/// lines. Pure, any thread.
/// </summary>
internal static partial class ForeignFormat
{
    /// <summary>Characters of a line that are looked at.</summary>
    private const int LengthMax = 200;

    private static readonly string[] HaproxySections =
        ["global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist"];

    /// <summary>What a text looks like, such as "YAML"; null when it may have been meant as JSON.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="at">Where it begins, after blank lines and comments.</param>
    public static string? Of(string text, out Position at)
    {
        string first = "";
        int number = 0, column = 1;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> content = line.Trim();
            column = 1 + line.Length - line.TrimStart().Length;
            if (content.IsEmpty || content[0] is '#' or ';' || content.StartsWith("//")) continue;
            first = content[..Math.Min(content.Length, LengthMax)].ToString();
            break;
        }
        at = new Position(number, column);
        return Name(first);
    }

    private static string? Name(string line)
    {
        if (line.StartsWith('{') || line.StartsWith('"')) return null;
        if (line.StartsWith("-----BEGIN", StringComparison.Ordinal)) return "PEM";
        if (line.StartsWith('<')) return "XML";
        if (HaproxySections.Contains(line.Split(' ', '\t')[0]) && !line.AsSpan().ContainsAny('{', ':', '=')) return "haproxy.cfg";
        if (IniSection().IsMatch(line) || Assignment().IsMatch(line)) return "TOML or INI";
        if (Directive().IsMatch(line)) return "nginx.conf";
        return YamlKey().IsMatch(line) ? "YAML" : null;
    }

    /// <summary>What a text in bytes is, and what to do with it; null when it may be UTF-8.</summary>
    public static string? Encoding(ReadOnlySpan<byte> bytes)
    {
        const string Convert = "convert it with iconv -f UTF-16 -t UTF-8";
        if (bytes.StartsWith<byte>([0xFF, 0xFE]) || bytes.StartsWith<byte>([0xFE, 0xFF]))
            return $"the file is UTF-16, expected UTF-8, {Convert}";
        // Of a text in ASCII every second byte is zero.
        bool isWide = bytes.Length > 3 && (bytes[0] == 0 ? bytes[1] != 0 && bytes[2] == 0 : bytes[1] == 0 && bytes[3] == 0);
        if (isWide)
            return $"the file is UTF-16 without a byte order mark, expected UTF-8, {Convert}";
        return bytes.StartsWith<byte>([0x1F, 0x8B]) ? "the file is compressed with gzip, expected text, unpack it with gunzip" : null;
    }

    [GeneratedRegex(@"^\[+[A-Za-z0-9_.-]+\]+\s*([#;].*)?$")]
    private static partial Regex IniSection();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.-]*\s*=")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^[a-z_]+(\s[^:{;]*)?[{;]$")]
    private static partial Regex Directive();

    [GeneratedRegex(@"^(---|%YAML|- |-$|[A-Za-z_][A-Za-z0-9_-]*:(\s|$))")]
    private static partial Regex YamlKey();
}
