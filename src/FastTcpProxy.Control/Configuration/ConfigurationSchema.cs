using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Keys;

namespace FastTcpProxy.Control.Configuration;

/// <summary>
/// Writes the JSON schema (draft 2020-12) of the configuration, from the same description that the loader reads by, with the extensions of
/// VS Code's editor. It refuses nothing that the loader takes; the reference lists what only the loader refuses. Stateless, any thread.
/// </summary>
public static class ConfigurationSchema
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        // The schema is a file for editors and people, and never part of a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the schema as UTF-8 without a final newline.</summary>
    public static void Write(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        Write(writer);
    }

    /// <summary>Writes the schema as UTF-8 without a final newline. The stream stays open.</summary>
    public static void Write(Stream output)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        Write(writer);
    }

    private static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
        writer.WriteString("title", "FastTcpProxy configuration");
        // Extensions of VS Code, whose editor would mark both as errors in a file that ends in .json.
        writer.WriteBoolean("allowComments", true);
        writer.WriteBoolean("allowTrailingCommas", true);
        RootKeys.Kind.WriteSchema(writer);
        writer.WriteEndObject();
    }
}
