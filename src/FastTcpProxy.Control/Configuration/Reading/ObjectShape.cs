using System.Collections.Immutable;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>The keys of an object, without the type that it becomes. Immutable, any thread.</summary>
internal sealed class ObjectShape
{
    /// <summary>So many keys are listed beside other advice.</summary>
    private const int FewKeys = 5;

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
        // A key that was meant by another one is not absent.
        HashSet<string> meant = [];
        foreach (NodeProperty property in node.Properties)
        {
            if (_names.Contains(property.Name)) continue;
            if (DescribeUnknown(node, property.Name, context, meant) is { } message)
                context.Problems.Error(property.At, ConfigurationCodes.UnknownKey, message);
        }
        foreach (Key key in Keys)
        {
            if (key.Required && !node.IsPartial && !meant.Contains(key.Name) && node.Find(key.Name) is null)
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

    /// <summary>Null when the keys before say it already: several of another proxy may stand for one.</summary>
    private string? DescribeUnknown(ConfigurationNode node, string name, BindingContext context, HashSet<string> meant)
    {
        string[] known = [.. Keys.Select(key => key.Name)];
        string expected;
        if (Spelling.Nearest(name, known) is { } nearest)
        {
            meant.Add(nearest);
            expected = $", did you mean \"{nearest}\"?";
        }
        else if (ForeignKeys.Find(node.Path, name) is { } foreign)
        {
            if (foreign.Key is not null && !meant.Add(foreign.Key)) return null;
            expected = $"; {foreign.Advice}";
        }
        else
        {
            string choice = $"expected {Wording.Choice(known)}";
            expected = context.Root?.HolderOf(name, node.Path) is not { } holder ? $", {choice}"
                : $", which belongs {holder}{(known.Length <= FewKeys ? $"; {choice} here" : "")}";
        }
        return $"{Subject(node)} has the unknown key {Wording.Quote(name)}{expected}";
    }

    /// <summary>
    /// Where a key of this name belongs, of the places near to an object: within it, around it, or in an object of the top level. Null when
    /// none of these has it: what is elsewhere by the same name is another matter.
    /// </summary>
    /// <param name="name">The key.</param>
    /// <param name="path">The object, as messages name it; this is the shape of the whole file.</param>
    private string? HolderOf(string name, string path)
    {
        List<(string Name, ObjectShape Shape)> around = [("", this)];
        foreach (string part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            string key = part.Split('[')[0];
            if (around[^1].Shape.Nested().FirstOrDefault(n => n.Name == key) is not { Shape: { } shape }) break;
            around.Add((key, shape));
        }
        if (around[^1].Shape.Within(name) is { } inner) return $"in {inner}";
        for (int i = around.Count - 2; i > 0; i--)
        {
            if (around[i].Shape._names.Contains(name)) return $"in \"{around[i].Name}\"";
        }
        if (_names.Contains(name)) return "at the top level of the file, beside \"services\"";
        return Nested().FirstOrDefault(n => n.Shape._names.Contains(name)) is { Name: { } top } ? $"in \"{top}\"" : null;
    }

    /// <summary>The objects within this one, on the way to the key of this name, in quotes; null when none has it.</summary>
    private string? Within(string name)
    {
        // As wide as the format, whose depth is bounded.
        List<(string Way, ObjectShape Shape)> level = [.. Nested().Select(n => ($"\"{n.Name}\"", n.Shape))];
        while (level.Count > 0)
        {
            if (level.Find(entry => entry.Shape._names.Contains(name)) is { Way: { } found }) return found;
            level = [.. level.SelectMany(entry => entry.Shape.Nested().Select(n => ($"\"{n.Name}\" of {entry.Way}", n.Shape)))];
        }
        return null;
    }

    private IEnumerable<(string Name, ObjectShape Shape)> Nested() =>
        Keys.Where(key => key.Nested is not null).Select(key => (key.Name, key.Nested!));
}

/// <summary>A kind that is an object, or a list of objects. Immutable, any thread.</summary>
internal interface INestedShape
{
    /// <summary>The object's keys, or null when the items of the list are no objects.</summary>
    ObjectShape? Shape { get; }
}
