using System.Text.Json;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// A part of the behaviour that is on or off: false is off, true is on with every default, and an object is on with its keys. Immutable,
/// any thread.
/// </summary>
/// <param name="keys">The object.</param>
/// <param name="defaults">What true stands for.</param>
internal sealed class SwitchKind<T>(ObjectKind<T> keys, T defaults) : ValueKind<T?>, INestedShape
    where T : class
{
    public ObjectShape Shape => keys.Shape;

    public override string Expected => "true, false, or an object in braces";

    protected override string Form => Expected;

    public override T? Fallback => null;

    public override bool TryRead(ConfigurationNode node, BindingContext context, out T? value)
    {
        if (node.Kind == NodeKind.Object)
        {
            bool isRead = keys.TryRead(node, context, out T read);
            value = read;
            return isRead;
        }
        value = node is { Kind: NodeKind.Boolean, Text: "true" } ? defaults : null;
        return node.Kind == NodeKind.Boolean || WrongType(node, context, out value);
    }

    /// <summary>What is neither on nor off was mostly meant for the first key, the one that matters.</summary>
    public override string? Instead(ConfigurationNode node) => new BooleanKind().Instead(node)
        ?? (Shape.Keys[0].Instead(node) is { } value && (node.Kind != NodeKind.Number || value == node.Text)
            ? $"{{ \"{Shape.Keys[0].Name}\": {value} }}" : null);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("type");
        writer.WriteStringValue("boolean");
        writer.WriteStringValue("object");
        writer.WriteEndArray();
        writer.WriteString("errorMessage", InEditor);
        Shape.WriteKeys(writer);
    }

    public override void WriteValue(Utf8JsonWriter writer, T? value)
    {
        if (value is null) writer.WriteBooleanValue(false);
        else keys.WriteValue(writer, value);
    }
}
