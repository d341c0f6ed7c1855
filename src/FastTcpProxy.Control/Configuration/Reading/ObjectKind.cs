using System.Collections.Immutable;
using System.Text.Json;

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
    public ObjectShape Shape { get; } = new(keys);

    public override string Expected => "an object in braces";

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
