namespace FastTcpProxy.Daemon.CommandLine;

/// <summary>Hexadecimal digits as people paste them. Pure, any thread.</summary>
internal static class HexText
{
    /// <summary>Reads digits, with white space, colons and dashes anywhere between them, and an optional 0x in front. Null when it is something else.</summary>
    public static byte[]? TryParse(string text)
    {
        text = text.Trim();
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        string digits = string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c is not (':' or '-')));
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;
    }
}
