using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// Refuses texts that two readers could understand differently: other encodings, comments and trailing commas, a key twice in an object,
/// NUL in a text, half of a surrogate pair, and values that are nested too deeply. Pure, any thread.
/// </summary>
internal static class StrictJson
{
    /// <exception cref="Refusal">The text is anything but one JSON value in UTF-8; says what is wrong, by line and column.</exception>
    public static void Check(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Trim(" \t\r\n"u8).IsEmpty) throw Refusal.BadRequest("the body is empty, expected a JSON object");
        if (!Utf8.IsValid(utf8)) throw Refusal.BadRequest($"{Place(utf8, FirstInvalid(utf8))}: the body is not UTF-8");
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = JsonBody.DepthMax + 1 });
        Stack<HashSet<string>> objects = new();
        try
        {
            while (reader.Read()) Check(ref reader, utf8, objects);
        }
        catch (JsonException e)
        {
            throw Refusal.BadRequest($"line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not JSON: {JsonFault.What(e)}");
        }
    }

    private static void Check(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, Stack<HashSet<string>> objects)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= JsonBody.DepthMax:
                throw Refusal.BadRequest($"{Place(utf8, reader.TokenStartIndex)}: the body is nested too deeply, "
                    + $"expected at most {JsonBody.DepthMax} levels of objects and lists");
            case JsonTokenType.StartObject:
                objects.Push(new HashSet<string>(StringComparer.Ordinal));
                break;
            case JsonTokenType.EndObject:
                objects.Pop();
                break;
            case JsonTokenType.PropertyName:
                string key = ReadText(ref reader, utf8);
                if (!objects.Peek().Add(key))
                    throw Refusal.BadRequest($"{Place(utf8, reader.TokenStartIndex)}: key \"{key}\" appears twice, expected once");
                break;
            case JsonTokenType.String:
                ReadText(ref reader, utf8);
                break;
        }
    }

    private static string ReadText(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The bytes are valid UTF-8, so the only way here is an escape.
            throw Refusal.BadRequest(
                $"{Place(utf8, reader.TokenStartIndex)}: a \\u escape is half of a surrogate pair, expected both halves");
        }
        return text.Contains('\0', StringComparison.Ordinal)
            ? throw Refusal.BadRequest($"{Place(utf8, reader.TokenStartIndex)}: a text contains NUL, expected none")
            : text;
    }

    /// <summary>Both from 1; the column counts bytes, as the reader's own errors do.</summary>
    private static string Place(ReadOnlySpan<byte> utf8, long offset)
    {
        ReadOnlySpan<byte> before = utf8[..(int)offset];
        return $"line {before.Count((byte)'\n') + 1}, column {before.Length - before.LastIndexOf((byte)'\n')}";
    }

    private static int FirstInvalid(ReadOnlySpan<byte> utf8)
    {
        int offset = 0;
        while (Rune.DecodeFromUtf8(utf8[offset..], out _, out int length) == System.Buffers.OperationStatus.Done) offset += length;
        return offset;
    }
}
