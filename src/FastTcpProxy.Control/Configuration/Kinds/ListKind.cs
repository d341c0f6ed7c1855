using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>A list of values of one kind. Immutable, any thread.</summary>
/// <param name="item">What each item is.</param>
/// <param name="min">The fewest items.</param>
/// <param name="max">The most items; a longer list is one error, and its items are not read.</param>
/// <param name="unique">Whether equal items are an error.</param>
/// <param name="distinct">Whether a rule across keys refuses equal items, which the schema then says here.</param>
internal sealed class ListKind<T>(ValueKind<T> item, int min, int max, bool unique = false, bool distinct = false)
    : ValueKind<ImmutableArray<T>>, INestedShape
{
    public ObjectShape? Shape => (item as INestedShape)?.Shape;

    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a list in brackets of {min} to {max} items");

    public override string ExpectedInFull => $"{Expected}, each {item.ExpectedInFull}";

    protected override string Form => "a list in brackets";

    public override ImmutableArray<T> Fallback => [];

    public override bool TryRead(ConfigurationNode node, BindingContext context, out ImmutableArray<T> value)
    {
        if (node.Kind != NodeKind.List)
            return WrongType(node, context, out value);
        value = [];
        if ((node.Items.Count < min && !node.IsPartial) || node.Items.Count > max)
        {
            string what = node.Items.Count == 0 ? "is empty" : $"has {Counted.Of(node.Items.Count, "item")}";
            context.Problems.Error(node.At, ConfigurationCodes.ListLength, $"{node.Path} {what}, expected {min} to {max} items");
            return false;
        }
        bool sound = true;
        var read = new List<(ConfigurationNode Node, T Value)>(node.Items.Count);
        foreach (ConfigurationNode child in node.Items)
        {
            if (item.TryRead(child, context, out T result))
                read.Add((child, result));
            else
                sound = false;
        }
        value = [.. read.Select(entry => entry.Value)];
        return sound & (!unique || CheckUnique(read, context));
    }

    /// <summary>The list of the one item.</summary>
    public override string? Instead(ConfigurationNode node) => node.Kind == NodeKind.List
        ? node.Items.Count > 0 && node.Items.Select(item.Instead).ToList() is var items && !items.Contains(null)
            ? $"[{string.Join(", ", items)}]" : null
        : Named(node) ?? (item.Instead(node) is { } one ? $"[{one}]" : null);

    /// <summary>The list of an object by names, which other formats have: its items carry the names. Null for any other value.</summary>
    private string? Named(ConfigurationNode node)
    {
        if (node is not { Kind: NodeKind.Object, Properties: [var first, ..] }
            || Shape?.Keys.FirstOrDefault(key => key.Name == "name") is not { } name || Shape.Keys.Any(key => key.Name == first.Name))
            return null;
        ConfigurationNode text = new(NodeKind.Text, first.At, first.Name);
        if (name.Instead(text) is not { } written) return null;
        // Its braces are the item's.
        string rest = first.Value.Kind == NodeKind.Object ? "..." : item.Instead(first.Value)?.Trim('{', '}', ' ') ?? "...";
        return $"[{{ \"{name.Name}\": {written}, {rest} }}{(node.Properties.Count > 1 ? ", ..." : "")}]";
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "array");
        writer.WriteNumber("minItems", min);
        writer.WriteNumber("maxItems", max);
        if (unique || distinct)
            writer.WriteBoolean("uniqueItems", true);
        writer.WriteStartObject("items");
        item.WriteSchema(writer);
        writer.WriteEndObject();
    }

    public override void WriteValue(Utf8JsonWriter writer, ImmutableArray<T> value)
    {
        writer.WriteStartArray();
        foreach (T entry in value)
            item.WriteValue(writer, entry);
        writer.WriteEndArray();
    }

    private static bool CheckUnique(List<(ConfigurationNode Node, T Value)> read, BindingContext context)
    {
        bool sound = true;
        var first = new Dictionary<ValueTuple<T>, ConfigurationNode>();
        foreach ((ConfigurationNode node, T value) in read)
        {
            if (first.TryAdd(new ValueTuple<T>(value), node))
                continue;
            sound = false;
            context.Problems.Error(node.At, ConfigurationCodes.DuplicateItem,
                $"{node.Path} is {node.Describe()}, which is already given at {first[new ValueTuple<T>(value)].At}, expected each value "
                    + "once");
        }
        return sound;
    }
}
