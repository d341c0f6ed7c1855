using System.Collections.Immutable;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>An object of the file and the record that it becomes. Immutable, any thread.</summary>
/// <param name="keys">All keys; <paramref name="make"/> reads each of them once, or leaves one to the code that knows what it depends
/// on.</param>
/// <param name="make">
/// Makes the record. It runs even when keys are in error, so that the remaining checks across keys are still made.
/// </param>
/// <param name="schema">
/// What the schema says beside the keys, as the text of a JSON object: rules across keys, snippets of editors. Null: nothing.
/// </param>
internal sealed class ObjectKind<T>(ImmutableArray<Key> keys, Func<ObjectReader, T> make, Func<string>? schema = null)
    : ValueKind<T>, INestedShape
{
    private static readonly ConfigurationNode AnyWord = new(NodeKind.Text, Position.Start, "x");

    public ObjectShape Shape { get; } = new(keys);

    /// <summary>The key that a lone word stands for, unless another one has a meaning for it; null: the first that has.</summary>
    public Key? Lone { get; init; }

    public override string Expected => "an object in braces";

    protected override string Form => Expected;

    protected override string? Sample =>
        (Shape.Keys.FirstOrDefault(key => key.Required) ?? Shape.Keys[0]) is var key ? $"{{ \"{key.Name}\": {key.Example} }}" : null;

    public override T Fallback => default!;

    public override bool TryRead(ConfigurationNode node, BindingContext context, out T value)
    {
        if (node.Kind != NodeKind.Object)
            return WrongType(node, context, out value);
        Shape.CheckKeys(node, context);
        value = make(new ObjectReader(node, context));
        context.Remember(value, node);
        return true;
    }

    /// <summary>The object whose one key takes the value: a required one; of an object without such the first that does.</summary>
    public override string? Instead(ConfigurationNode node)
    {
        if (node.Kind == NodeKind.Object) return "{ ... }";
        if (node.Kind == NodeKind.Null) return null;
        bool hasRequired = Shape.Keys.Any(key => key.Required);
        if (!hasRequired && node.Kind != NodeKind.Text) return null;
        // A key that takes any word says nothing of this one.
        Key? taker = Shape.Keys.FirstOrDefault(key => key.Required == hasRequired && key.Instead(node) is not null
            && (hasRequired || key.Instead(AnyWord) is null));
        if (Lone is not null) taker = taker is null && Lone.Instead(node) is not null ? Lone : null;
        return taker is null ? null : $"{{ \"{taker.Name}\": {taker.Instead(node)} }}";
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        Shape.WriteSchema(writer);
        if (schema is null)
            return;
        using var beside = JsonDocument.Parse(schema());
        foreach (JsonProperty keyword in beside.RootElement.EnumerateObject())
            keyword.WriteTo(writer);
    }

    public override void WriteValue(Utf8JsonWriter writer, T value)
    {
        // The only default that an object has is the one in which every key has its own.
        writer.WriteStartObject();
        writer.WriteEndObject();
    }
}
