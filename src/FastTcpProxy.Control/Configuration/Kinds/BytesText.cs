using System.Collections.Immutable;
using System.Text;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>Bytes in a text: its UTF-8, or after <c>hex:</c> two digits for each byte. Pure functions, any thread.</summary>
internal static class BytesText
{
    private const string Prefix = "hex:";

    /// <summary>Null and the bytes, or what is wrong with the digits.</summary>
    public static string? Parse(string text, out ImmutableArray<byte> bytes)
    {
        bytes = [];
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            bytes = [.. Encoding.UTF8.GetBytes(text)];
            return null;
        }
        string digits = text[Prefix.Length..];
        if (digits.Length == 0)
            return "no digits follow \"hex:\"";
        if (!digits.All(char.IsAsciiHexDigit))
            return "after \"hex:\" only hexadecimal digits may follow";
        if (digits.Length % 2 != 0)
            return $"{Counted.Of(digits.Length, "digit")} after \"hex:\", an odd number";
        bytes = [.. Convert.FromHexString(digits)];
        return null;
    }
}
