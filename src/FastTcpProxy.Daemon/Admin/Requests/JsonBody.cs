using System.Collections.Immutable;
using System.Text.Json;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// The JSON object that a request's body is, read strictly: everything in it was understood, or the request is refused. Immutable, any
/// thread.
/// </summary>
internal sealed class JsonBody
{
    /// <summary>Objects and lists inside one another. No body has more than two.</summary>
    public const int DepthMax = 8;

    private readonly JsonElement _root;

    private JsonBody(JsonElement root) => _root = root;

    /// <summary>An object without keys.</summary>
    public static JsonBody Empty { get; } = Parse("{}"u8.ToArray(), []);

    /// <param name="keys">Those that the object may have, at most once each.</param>
    /// <exception cref="Refusal">It is anything but UTF-8 with one such object.</exception>
    public static JsonBody Parse(byte[] utf8, string[] keys)
    {
        StrictJson.Check(utf8);
        using JsonDocument document = JsonDocument.Parse(utf8);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw Refusal.BadRequest($"the body is {Describe(root)}, expected an object");
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!keys.Contains(property.Name, StringComparer.Ordinal))
                throw Refusal.BadRequest(
                    $"key \"{property.Name}\" is unknown here, expected {(keys.Length == 0 ? "none" : string.Join(", ", keys))}");
        }
        return new JsonBody(root.Clone());
    }

    /// <exception cref="Refusal">There is none, or it is no text.</exception>
    public string Text(string key) => TextOrNull(key) ?? throw Missing(key, "a text");

    /// <summary>Null when the key is absent, or its value null.</summary>
    /// <exception cref="Refusal">It is no text.</exception>
    public string? TextOrNull(string key) => Find(key) is { } value ? TextOf(value, $"key \"{key}\"") : null;

    /// <exception cref="Refusal">There is none, or it is no list of texts.</exception>
    public ImmutableArray<string> Texts(string key)
    {
        const string expected = "a list of texts";
        JsonElement list = Find(key) ?? throw Missing(key, expected);
        if (list.ValueKind != JsonValueKind.Array) throw Refusal.BadRequest($"key \"{key}\" is {Describe(list)}, expected {expected}");
        return [.. list.EnumerateArray().Select((item, i) => TextOf(item, $"item {i + 1} of \"{key}\""))];
    }

    private JsonElement? Find(string key) => _root.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null
        ? value
        : null;

    private static string TextOf(JsonElement value, string where) =>
        value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Refusal.BadRequest($"{where} is {Describe(value)}, expected a text");

    private static Refusal Missing(string key, string expected) => Refusal.BadRequest($"key \"{key}\" is missing, expected {expected}");

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
