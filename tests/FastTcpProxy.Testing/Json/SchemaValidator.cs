using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastTcpProxy.Testing.Json;

/// <summary>
/// Checks a document against a schema, as far as the schemas of the project go: a keyword that it does not know is a failure, so that
/// none goes unchecked. Any thread.
/// </summary>
public static class SchemaValidator
{
    private static readonly string[] Annotations =
    [
        "$schema", "title", "description", "examples", "default", "format", "markdownDescription", "enumDescriptions", "errorMessage",
        "patternErrorMessage", "defaultSnippets", "doNotSuggest", "allowComments", "allowTrailingCommas",
    ];

    /// <summary>Keywords that say nothing of a value of another type.</summary>
    private static readonly Dictionary<string, JsonValueKind> OfOneType = new()
    {
        ["pattern"] = JsonValueKind.String, ["maxLength"] = JsonValueKind.String,
        ["minimum"] = JsonValueKind.Number, ["maximum"] = JsonValueKind.Number,
        ["items"] = JsonValueKind.Array, ["minItems"] = JsonValueKind.Array, ["maxItems"] = JsonValueKind.Array,
        ["uniqueItems"] = JsonValueKind.Array, ["contains"] = JsonValueKind.Array,
        ["properties"] = JsonValueKind.Object, ["required"] = JsonValueKind.Object, ["additionalProperties"] = JsonValueKind.Object,
        ["maxProperties"] = JsonValueKind.Object, ["propertyNames"] = JsonValueKind.Object,
        ["dependentRequired"] = JsonValueKind.Object, ["dependentSchemas"] = JsonValueKind.Object,
    };

    private static readonly ConcurrentDictionary<string, Regex> Patterns = new();

    /// <summary>What the document violates, or null.</summary>
    public static string? Violation(JsonElement schema, JsonElement value) => Violation(schema, schema, value, isClosed: false);

    /// <summary>The same for a schema that is a part of a document, and refers to others of it.</summary>
    /// <param name="root">The document.</param>
    /// <param name="schema">The part.</param>
    /// <param name="value">What is checked.</param>
    /// <param name="isClosed">Whether a key that the schema does not know is a violation, although it allows others.</param>
    public static string? Violation(JsonElement root, JsonElement schema, JsonElement value, bool isClosed)
    {
        if (schema.ValueKind is JsonValueKind.True) return null;
        if (schema.ValueKind is JsonValueKind.False) return $"{value.GetRawText()} is not allowed";
        if (isClosed && value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out JsonElement properties)
            && value.EnumerateObject().Select(key => key.Name)
            .FirstOrDefault(name => !properties.TryGetProperty(name, out _)) is { } unknown)
            return $"key {unknown} of {value.GetRawText()} is not described";
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            if (Annotations.Contains(keyword.Name)
                || (OfOneType.TryGetValue(keyword.Name, out JsonValueKind type) && type != value.ValueKind))
                continue;
            string? Of(JsonElement part, JsonElement inner) => Violation(root, part, inner, isClosed);
            bool holds = Holds(schema, keyword, value, part => Of(part, value) is null);
            if (!holds) return $"{keyword.Name} {keyword.Value.GetRawText()} of {value.GetRawText()}";
            if (Inner(root, schema, keyword, value, Of).FirstOrDefault(violation => violation is not null) is { } violation)
                return violation;
        }
        return null;
    }

    /// <summary>Whether a keyword that needs no other place in the document holds.</summary>
    private static bool Holds(JsonElement schema, JsonProperty keyword, JsonElement value, Func<JsonElement, bool> matches)
    {
        JsonElement argument = keyword.Value;
        return keyword.Name switch
        {
            "$ref" or "allOf" or "items" or "properties" or "if" or "then" or "else" or "dependentSchemas" or "propertyNames" => true,
            "anyOf" => true,
            "not" => !matches(argument),
            "const" => JsonElement.DeepEquals(argument, value),
            "type" when argument.ValueKind == JsonValueKind.Array => argument.EnumerateArray().Any(type => IsType(type, value)),
            "type" => IsType(argument, value),
            "maxLength" => value.GetString()!.Length <= argument.GetInt32(),
            "enum" => argument.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)),
            "pattern" => Pattern(argument.GetString()!).IsMatch(value.GetString()!),
            "minimum" => value.GetDouble() >= argument.GetInt64(),
            "maximum" => value.GetDouble() <= argument.GetInt64(),
            "minItems" => value.GetArrayLength() >= argument.GetInt32(),
            "maxItems" => value.GetArrayLength() <= argument.GetInt32(),
            "contains" => value.EnumerateArray().Any(item => Violation(schema, argument, item, isClosed: false) is null),
            "uniqueItems" => !value.EnumerateArray().Index().Any(item =>
                value.EnumerateArray().Take(item.Index).Any(earlier => JsonElement.DeepEquals(earlier, item.Item))),
            "required" => argument.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "maxProperties" => value.EnumerateObject().Count() <= argument.GetInt32(),
            "dependentRequired" => argument.EnumerateObject().Where(key => value.TryGetProperty(key.Name, out _))
                .All(key => key.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _))),
            "additionalProperties" when argument.ValueKind == JsonValueKind.Object => true,
            "additionalProperties" => argument.GetBoolean()
                || value.EnumerateObject().All(key => schema.GetProperty("properties").TryGetProperty(key.Name, out _)),
            _ => false,
        };
    }

    /// <summary>The violations of the schemas within a keyword.</summary>
    private static IEnumerable<string?> Inner(JsonElement root, JsonElement schema, JsonProperty keyword, JsonElement value,
        Func<JsonElement, JsonElement, string?> of)
    {
        JsonElement argument = keyword.Value;
        return keyword.Name switch
        {
            "$ref" => [of(Resolve(root, argument.GetString()!), value)],
            "allOf" => argument.EnumerateArray().Select(part => of(part, value)),
            "anyOf" when argument.EnumerateArray().Any(choice => of(choice, value) is null) => [],
            "anyOf" => [string.Join("; or ", argument.EnumerateArray().Select(choice => of(choice, value)))],
            "if" => schema.TryGetProperty(of(argument, value) is null ? "then" : "else", out JsonElement branch) ? [of(branch, value)] : [],
            "items" => value.EnumerateArray().Select(item => of(argument, item)),
            "properties" => value.EnumerateObject().Where(key => argument.TryGetProperty(key.Name, out _))
                .Select(key => of(argument.GetProperty(key.Name), key.Value)),
            "additionalProperties" when argument.ValueKind == JsonValueKind.Object =>
                value.EnumerateObject().Where(key => !schema.TryGetProperty("properties", out JsonElement known)
                    || !known.TryGetProperty(key.Name, out _)).Select(key => of(argument, key.Value)),
            "propertyNames" => value.EnumerateObject().Select(key => of(argument, JsonSerializer.SerializeToElement(key.Name))),
            "dependentSchemas" => argument.EnumerateObject().Where(key => value.TryGetProperty(key.Name, out _))
                .Select(key => of(key.Value, value)),
            _ => [],
        };
    }

    private static Regex Pattern(string pattern) => Patterns.GetOrAdd(pattern, text => new Regex(text, RegexOptions.ECMAScript));

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
        JsonValueKind.Number => double.IsInteger(value.GetDouble()) ? "integer" : "number",
        JsonValueKind.Null => "null",
        _ => "boolean",
    };
}
