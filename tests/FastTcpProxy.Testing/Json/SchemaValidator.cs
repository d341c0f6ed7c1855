using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastTcpProxy.Testing.Json;

/// <summary>
/// Checks a document against a schema, as far as the schemas of the project go: a keyword that it does not know is a failure, so that
/// none goes unchecked. Stateless, any thread.
/// </summary>
public static class SchemaValidator
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "examples", "default", "format"];

    /// <summary>What the document violates, or null.</summary>
    public static string? Violation(JsonElement schema, JsonElement value) => Violation(schema, schema, value, isClosed: false);

    /// <summary>The same for a schema that is a part of a document, and refers to others of it.</summary>
    /// <param name="root">The document.</param>
    /// <param name="schema">The part.</param>
    /// <param name="value">What is checked.</param>
    /// <param name="isClosed">Whether a key that the schema does not know is a violation, although it allows others.</param>
    public static string? Violation(JsonElement root, JsonElement schema, JsonElement value, bool isClosed)
    {
        if (isClosed && value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement properties)
            && value.EnumerateObject().Select(key => key.Name)
            .FirstOrDefault(name => !properties.TryGetProperty(name, out _)) is { } unknown)
            return $"key {unknown} of {value.GetRawText()} is not described";
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (!Annotations.Contains(keyword.Name) && Violation(root, schema, keyword, value, isClosed) is { } violation)
                return violation;
        }
        return null;
    }

    private static string? Violation(JsonElement root, JsonElement schema, JsonProperty keyword, JsonElement value, bool isClosed)
    {
        JsonElement argument = keyword.Value;
        // Bounds are for values of their type; null has a type of its own.
        if (value.ValueKind == JsonValueKind.Null && keyword.Name is ("pattern" or "minimum" or "maximum" or "maxLength" or "items"))
            return null;
        // A value may be of one of several types, each with its own keywords.
        if (value.ValueKind == JsonValueKind.Object && keyword.Name == "pattern")
            return null;
        if (value.ValueKind == JsonValueKind.String && keyword.Name is ("properties" or "required" or "additionalProperties"))
            return null;
        bool holds = keyword.Name switch
        {
            "$ref" or "anyOf" => true,
            "type" when argument.ValueKind == JsonValueKind.Array => argument.EnumerateArray().Any(type => IsType(type, value)),
            "type" => IsType(argument, value),
            "maxLength" => value.GetString()!.Length <= argument.GetInt32(),
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
                value.EnumerateObject().All(key => Violation(root, argument, key.Value, isClosed) is null),
            "additionalProperties" => value.EnumerateObject().All(key => schema.GetProperty("properties").TryGetProperty(key.Name, out _)),
            "items" or "properties" => true,
            _ => false,
        };
        if (!holds)
            return $"{keyword.Name} {argument.GetRawText()} of {value.GetRawText()}";
        return keyword.Name switch
        {
            "$ref" => Violation(root, Resolve(root, argument.GetString()!), value, isClosed),
            "anyOf" when argument.EnumerateArray().Any(choice => Violation(root, choice, value, isClosed) is null) => null,
            "anyOf" => string.Join("; or ", argument.EnumerateArray().Select(choice => Violation(root, choice, value, isClosed))),
            "items" => value.EnumerateArray().Select(item => Violation(root, argument, item, isClosed))
                .FirstOrDefault(violation => violation is not null),
            "properties" => value.EnumerateObject().Where(key => argument.TryGetProperty(key.Name, out _))
                .Select(key => Violation(root, argument.GetProperty(key.Name), key.Value, isClosed))
                .FirstOrDefault(violation => violation is not null),
            _ => null,
        };
    }

    /// <summary>A whole number is a number too.</summary>
    private static bool IsType(JsonElement type, JsonElement value) =>
        TypeOf(value) is var found && (type.GetString() == found || (found == "integer" && type.GetString() == "number"));

    private static JsonElement Resolve(JsonElement root, string reference)
    {
        JsonElement found = root;
        foreach (string key in reference.Split('/')[1..]) found = found.GetProperty(key);
        return found;
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
