using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// Checks a document against a schema, as far as the configuration's schema goes: a keyword that it does not know is a failure, so that
/// none goes unchecked. Stateless, any thread.
/// </summary>
internal static class SchemaValidator
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "examples", "default"];

    /// <summary>What the document violates, or null.</summary>
    public static string? Violation(JsonElement schema, JsonElement value)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Annotations.Contains(keyword.Name) && Violation(schema, keyword, value) is { } violation)
                return violation;
        }
        return null;
    }

    private static string? Violation(JsonElement schema, JsonProperty keyword, JsonElement value)
    {
        JsonElement argument = keyword.Value;
        bool holds = keyword.Name switch
        {
            "type" => argument.GetString() == TypeOf(value),
            "enum" => argument.EnumerateArray().Any(choice => choice.GetString() == value.GetString()),
            "pattern" => Regex.IsMatch(value.GetString()!, argument.GetString()!, RegexOptions.ECMAScript),
            "minimum" => value.GetInt64() >= argument.GetInt64(),
            "maximum" => value.GetInt64() <= argument.GetInt64(),
            "minItems" => value.GetArrayLength() >= argument.GetInt32(),
            "maxItems" => value.GetArrayLength() <= argument.GetInt32(),
            "uniqueItems" => value.EnumerateArray().Select(item => item.GetRawText()).Distinct().Count() == value.GetArrayLength(),
            "required" => argument.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "maxProperties" => value.EnumerateObject().Count() <= argument.GetInt32(),
            "propertyNames" => value.EnumerateObject()
                .All(key => Regex.IsMatch(key.Name, argument.GetProperty("pattern").GetString()!, RegexOptions.ECMAScript)),
            "additionalProperties" when argument.ValueKind == JsonValueKind.Object =>
                value.EnumerateObject().All(key => Violation(argument, key.Value) is null),
            "additionalProperties" => value.EnumerateObject().All(key => schema.GetProperty("properties").TryGetProperty(key.Name, out _)),
            "items" or "properties" => true,
            _ => false,
        };
        if (!holds)
            return $"{keyword.Name} {argument.GetRawText()} of {value.GetRawText()}";
        return keyword.Name switch
        {
            "items" => value.EnumerateArray().Select(item => Violation(argument, item)).FirstOrDefault(violation => violation is not null),
            "properties" => value.EnumerateObject().Where(key => argument.TryGetProperty(key.Name, out _))
                .Select(key => Violation(argument.GetProperty(key.Name), key.Value)).FirstOrDefault(violation => violation is not null),
            _ => null,
        };
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };
}
