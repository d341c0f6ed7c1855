using System.Globalization;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// The parts that patterns of the schema are made of (ECMA-262, with the flag u and without). What they match is at least what the loader
/// takes: a schema that refused a valid file would be worse than one that lets a mistake through. Pure functions, any thread.
/// </summary>
internal static class Patterns
{
    /// <summary>A character of a path or a text on one line: none that <see cref="char.IsControl(char)"/> names.</summary>
    public const string NoControl = @"[^\x00-\x1f\x7f-\x9f]";

    /// <summary>An IPv6 address: its characters and two colons at least; the loader knows how many parts it may have.</summary>
    public const string Ipv6 = @"(?!::[Ff]{4}:[0-9]+\.)[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*";

    /// <summary>The interface of a link-local IPv6 address (RFC 4007, section 11).</summary>
    public const string Scope = @"(%[^\]]+)?";

    /// <summary>A character of a token (RFC 9110, section 5.6.2).</summary>
    public const string Token = "[!#$%&'*+.^_`|~0-9A-Za-z-]";

    private const string Label = "[0-9A-Za-z_]([0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?";

    public static string Ipv4 { get; } = $@"({WholeNumber(0, 255)}\.){{3}}{WholeNumber(0, 255)}";

    /// <summary>A DNS name, with or without the final dot. One that ends in a number is no name but a wrong address.</summary>
    public static string DnsName { get; } = $@"({Label}\.)*(?![0-9]+(:|$)){Label}\.?";

    /// <summary>An IPv4 address, or an IPv6 address in brackets, and a port.</summary>
    public static string AddressAndPort { get; } = $@"({Ipv4}|\[{Ipv6}{Scope}\]):{Port}";

    public static string Port => WholeNumber(1, ushort.MaxValue);

    /// <summary>An absolute path of at most so many bytes, and so of at most so many characters; the root directory is none.</summary>
    public static string Path(int bytesMax) => string.Create(CultureInfo.InvariantCulture, $"/{NoControl}{{1,{bytesMax - 1}}}");

    /// <summary>Bytes as text: after <c>hex:</c> two digits for each, else its UTF-8.</summary>
    public static string Bytes(int bytesMax, string notAtStart = "hex:") => string.Create(CultureInfo.InvariantCulture,
        $@"hex:([0-9A-Fa-f]{{2}}){{1,{bytesMax}}}|(?!{notAtStart})[\s\S]{{0,{bytesMax}}}");

    /// <summary>The word, whatever the case of its letters.</summary>
    public static string AnyCase(string word) => string.Concat(word.Select(c =>
        char.IsAsciiLetter(c) ? $"[{char.ToUpperInvariant(c)}{char.ToLowerInvariant(c)}]" : c.ToString()));

    /// <summary>A whole number within bounds, both inclusive and not negative, without leading zeros; in parentheses.</summary>
    public static string WholeNumber(long min, long max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(min);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        var alternatives = new List<string>();
        for (long first = min; first <= max;)
        {
            long last = LastAlike(first, max);
            alternatives.Add(Digits(first, last));
            first = last + 1;
        }
        return $"({string.Join('|', alternatives)})";
    }

    /// <summary>The last number up to which one row of classes of digits matches all from <paramref name="first"/> on.</summary>
    private static long LastAlike(long first, long max)
    {
        // As many digits as are zero at the end may run from 0 to 9, and the digit before them to the highest that fits.
        long size = 1;
        while (first % (size * 10) == 0 && first > 0 && first + size * 10 - 1 <= max)
            size *= 10;
        long highest = first - first % (size * 10) + 9 * size;
        while (highest + size - 1 > max)
            highest -= size;
        return Math.Max(highest, first) + size - 1;
    }

    private static string Digits(long first, long last)
    {
        string from = first.ToString(CultureInfo.InvariantCulture);
        string to = last.ToString(CultureInfo.InvariantCulture);
        int free = 0;
        while (free < from.Length && from[^(free + 1)] == '0' && to[^(free + 1)] == '9' && from.Length - free > 1)
            free++;
        int at = from.Length - free - 1;
        string head = from[..at];
        string digit = from[at] == to[at] ? from[at].ToString() : $"[{from[at]}-{to[at]}]";
        return head + digit + free switch
        {
            0 => "",
            1 => "[0-9]",
            _ => string.Create(CultureInfo.InvariantCulture, $"[0-9]{{{free}}}"),
        };
    }
}
