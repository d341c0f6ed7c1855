using System.Collections.Immutable;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>The keys of an object, without the type that it becomes. Immutable, any thread.</summary>
internal sealed class ObjectShape
{
    private readonly HashSet<string> _names;

    public ObjectShape(ImmutableArray<Key> keys)
    {
        Keys = keys;
        _names = keys.Select(key => key.Name).ToHashSet(StringComparer.Ordinal);
    }

    public ImmutableArray<Key> Keys { get; }

    /// <summary>Reports keys that are unknown, or absent though required.</summary>
    public void CheckKeys(ConfigurationNode node, BindingContext context)
    {
        foreach (NodeProperty property in node.Properties)
        {
            if (!_names.Contains(property.Name))
                context.Problems.Error(property.At, ConfigurationCodes.UnknownKey, DescribeUnknown(node, property.Name));
        }
        foreach (Key key in Keys)
        {
            if (key.Required && node.Find(key.Name) is null)
                context.Problems.Error(node.At, ConfigurationCodes.MissingKey,
                    $"{Subject(node)} has no key \"{key.Name}\", expected it, for example \"{key.Name}\": {key.Example}");
        }
    }

    /// <summary>Writes the schema's keywords into the open object.</summary>
    public void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        WriteKeys(writer);
    }

    /// <summary>Writes what the schema says of the keys; of no effect on values of other types.</summary>
    public void WriteKeys(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("properties");
        foreach (Key key in Keys)
        {
            writer.WriteStartObject(key.Name);
            key.WriteSchema(writer);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        if (Keys.Any(key => key.Required))
        {
            writer.WriteStartArray("required");
            foreach (Key key in Keys)
            {
                if (key.Required)
                    writer.WriteStringValue(key.Name);
            }
            writer.WriteEndArray();
        }
        writer.WriteBoolean("additionalProperties", false);
    }

    private static string Subject(ConfigurationNode node) => node.Path.Length == 0 ? "the file" : node.Path;

    private string DescribeUnknown(ConfigurationNode node, string name)
    {
        string[] known = [.. Keys.Select(key => key.Name)];
        string expected = Spelling.Nearest(name, known) is { } nearest
            ? $"did you mean \"{nearest}\"?"
            : $"expected {Wording.Choice(known)}";
        return $"{Subject(node)} has the unknown key {Wording.Quote(name)}, {expected}";
    }
}

/// <summary>A kind that is an object, or a list of objects. Immutable, any thread.</summary>
internal interface INestedShape
{
    /// <summary>The object's keys, or null when the items of the list are no objects.</summary>
    ObjectShape? Shape { get; }
}
