using System.Text.Json;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>True or false, without quotes. Immutable, any thread.</summary>
internal sealed class BooleanKind : ValueKind<bool>
{
    public override string Expected => "true or false without quotes";

    protected override string Form => Expected;

    public override bool Fallback => false;

    public override bool TryRead(ConfigurationNode node, BindingContext context, out bool value)
    {
        value = node.Text == "true";
        return node.Kind == NodeKind.Boolean || WrongType(node, context, out value);
    }

    public override string? Instead(ConfigurationNode node) => node.Kind is not (NodeKind.Text or NodeKind.Number) ? null
        : node.Text.ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "ON" or "1" => "true",
            "FALSE" or "NO" or "OFF" or "0" => "false",
            _ => null,
        };

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "boolean");
        writer.WriteString("errorMessage", InEditor);
    }

    public override void WriteValue(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);
}
