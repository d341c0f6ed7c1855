using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Syntax;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>
/// Values without quotes: numbers, <c>true</c>, <c>false</c> and <c>null</c> as JSON has them, and what was meant by others. Pure but for
/// the faults; any thread.
/// </summary>
internal static class Words
{
    /// <summary>The value that was meant; one of unknown content after a fault was noted where that is not clear.</summary>
    public static ConfigurationNode Read(SyntaxToken word, SyntaxFaults faults)
    {
        string text = word.Text;
        switch (text)
        {
            case "true" or "false":
                return new ConfigurationNode(NodeKind.Boolean, word.At, text);
            case "null":
                return new ConfigurationNode(NodeKind.Null, word.At, "");
            case "True" or "TRUE" or "False" or "FALSE":
                string lower = text.ToLowerInvariant();
                faults.NoteKind("case", word.At, $"{text} is not a value of JSON, write {lower}");
                return new ConfigurationNode(NodeKind.Boolean, word.At, lower);
            case "None" or "nil" or "undefined" or "NULL" or "Null" or "~":
                return Unknown(word, faults, $"{text} is not a value of JSON, leave the key out for its default");
            case "yes" or "no" or "on" or "off" or "Yes" or "No" or "On" or "Off":
                bool isTrue = text.ToUpperInvariant() is "YES" or "ON";
                return Unknown(word, faults, $"{text} is not a value of JSON, write {(isTrue ? "true" : "false")}");
        }
        if (IsNumber(text)) return new ConfigurationNode(NodeKind.Number, word.At, text);
        string shown = Wording.Shorten(text);
        if (LookAlikes.First(text) is { } alike && IsNumber(LookAlikes.Replace(text)))
            return Unknown(word, faults, $"the number {shown} contains {LookAlikes.Describe(alike)}, write {LookAlikes.Replace(text)}");
        if (Number(text) is { } number)
        {
            faults.Note(word.At, $"{shown} is not a number of JSON, write {number}");
            return new ConfigurationNode(NodeKind.Number, word.At, number);
        }
        faults.NoteKind("word", word.At, $"{shown} is not in quotes, write {Wording.Quote(text)}");
        return new ConfigurationNode(NodeKind.Text, word.At, text);
    }

    private static ConfigurationNode Unknown(SyntaxToken word, SyntaxFaults faults, string message)
    {
        faults.Note(word.At, message);
        return new ConfigurationNode(NodeKind.Unreadable, word.At, "");
    }

    /// <summary>The number that is written with leading zeros, a plus, or separators; null when it is none.</summary>
    private static string? Number(string text)
    {
        string plain = text.TrimStart('+').Replace("_", "", StringComparison.Ordinal);
        string digits = plain.TrimStart('0');
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0])) digits = "0" + digits;
        return plain.Length > 0 && char.IsAsciiDigit(plain[^1]) && IsNumber(digits) ? digits : null;
    }

    private static bool IsNumber(string text)
    {
        if (text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] == '-')) return false;
        try
        {
            Utf8JsonReader reader = new(System.Text.Encoding.UTF8.GetBytes(text));
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
