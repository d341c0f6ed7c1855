using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Daemon.Texts;

/// <summary>Hexadecimal digits as people paste them. Pure, any thread.</summary>
internal static class HexText
{
    /// <summary>
    /// Reads digits, with white space, colons and dashes anywhere between them, and an optional 0x in front. Null when it is something
    /// else, with what is wrong and where; characters are counted from one.
    /// </summary>
    public static byte[]? TryParse(string text, out string error)
    {
        error = "";
        int start = text.Length - text.AsSpan().TrimStart().Length;
        if (text.AsSpan(start).StartsWith("0x", StringComparison.OrdinalIgnoreCase)) start += 2;
        char[] digits = new char[text.Length - start];
        int count = 0;
        for (int i = start; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsWhiteSpace(c) || c is ':' or '-') continue;
            if (!char.IsAsciiHexDigit(c))
            {
                error = $"character {i + 1}, \"{c}\", is not a hexadecimal digit";
                return null;
            }
            digits[count++] = c;
        }
        if (count % 2 == 0) return Convert.FromHexString(digits.AsSpan(0, count));
        error = $"{Counted.Of(count, "hexadecimal digit")}, expected an even number";
        return null;
    }
}
