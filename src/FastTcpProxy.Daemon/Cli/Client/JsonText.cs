using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Cli.Client;

/// <summary>JSON of a proxy as programs read it. Pure, any thread.</summary>
internal static class JsonText
{
    /// <summary>
    /// The document as it came, with an end of line. Between the values of JSON there can be no control character but tabs and ends of
    /// lines; within a string its escape means the same.
    /// </summary>
    /// <exception cref="AdminClientException">It is no JSON.</exception>
    public static string Escape(byte[] answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
        }
        catch (JsonException e)
        {
            throw new AdminClientException($"the answer is not JSON: {JsonFault.Describe(e)}", e);
        }
        return Lines(Encoding.UTF8.GetString(answer));
    }

    /// <summary>An object as one line, with its end.</summary>
    public static string Object(JsonElement element)
    {
        using MemoryStream text = new();
        // Written anew: no blank or end of line between its values. What a terminal must not get is escaped below.
        JsonWriterOptions options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter writer = new(text, options)) element.WriteTo(writer);
        return Lines(Encoding.UTF8.GetString(text.ToArray()));
    }

    /// <summary>A text of lines, without characters that command a terminal.</summary>
    public static string Lines(string text) => string.Concat(text.TrimEnd().Split('\n').Select(line => Line(line.TrimEnd('\r')) + '\n'));

    private static string Line(string line) => string.Join('\t', line.Split('\t').Select(cell => OneLine.Escape(cell)));
}
