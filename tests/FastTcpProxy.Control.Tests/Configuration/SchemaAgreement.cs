using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Testing.Json;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// Holds the schema against the loader: what the schema refuses, the loader refuses, and what only the loader refuses is one of the errors
/// that <see cref="OnlyCheck"/> lists. Every configuration of a test comes by here. Stateless, any thread.
/// </summary>
internal static class SchemaAgreement
{
    private static readonly JsonDocument Schema = Given.Schema();
    private static readonly HashSet<string> Listed = [.. OnlyCheck.All.Select(entry => entry.Code)];

    private static readonly JsonDocumentOptions LikeTheLoader = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    public static void Check(ReadOnlySpan<byte> text, ConfigurationResult result)
    {
        bool isJson = TryFindViolation(text, out string? violation);
        string shown = $"{violation}\n{Encoding.UTF8.GetString(text)}";
        if (!isJson || violation is not null)
            Assert.True(result.Errors.Length > 0, "The schema refuses what the loader takes: " + shown);
        else
            Assert.All(result.Errors, error => Assert.True(Listed.Contains(error.Code), $"Only the loader refuses it: {error}\n{shown}"));
    }

    /// <summary>What the schema of a kind has against a text, or null.</summary>
    public static string? Violation<T>(TextKind<T> kind, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            kind.WriteSchema(writer);
            writer.WriteEndObject();
        }
        using var schema = JsonDocument.Parse(output.WrittenMemory);
        return SchemaValidator.Violation(schema.RootElement, JsonSerializer.SerializeToElement(text));
    }

    /// <summary>What the schema has against the text, or null; false when it is no JSON, so that no schema comes into play.</summary>
    public static bool TryFindViolation(ReadOnlySpan<byte> text, out string? violation)
    {
        violation = null;
        if (text.StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        if (!Utf8.IsValid(text))
            return false;
        try
        {
            using var document = JsonDocument.Parse(text.ToArray(), LikeTheLoader);
            violation = SchemaValidator.Violation(Schema.RootElement, document.RootElement);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: an escape for half of a surrogate pair.
            return false;
        }
    }
}
