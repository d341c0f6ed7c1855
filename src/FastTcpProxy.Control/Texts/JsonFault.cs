using System.Globalization;
using System.Text.Json;

namespace FastTcpProxy.Control.Texts;

/// <summary>
/// What the framework says of a text that is not JSON, or not the expected one. Its own message ends with a place that counts from zero;
/// here lines and columns count from one, as in editors. Pure functions, any thread.
/// </summary>
public static class JsonFault
{
    /// <summary>"line 1, column 3: 'x' is invalid": the column in bytes. Without a place, only what is wrong.</summary>
    public static string Describe(JsonException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault is { LineNumber: { } line, BytePositionInLine: { } column }
            ? string.Create(CultureInfo.InvariantCulture, $"line {line + 1}, column {column + 1}: {What(fault)}")
            : What(fault);
    }

    /// <summary>The same without the place, and without a full stop.</summary>
    public static string What(JsonException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        string text = fault.Message;
        foreach (string mark in (ReadOnlySpan<string>)[" Path: ", " LineNumber: "])
        {
            int place = text.IndexOf(mark, StringComparison.Ordinal);
            if (place >= 0) text = text[..place];
        }
        return text.TrimEnd('.');
    }
}
