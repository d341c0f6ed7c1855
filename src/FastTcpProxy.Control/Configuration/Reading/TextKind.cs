using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Configuration.Reading;

/// <summary>A value that the file writes as text. Immutable, any thread.</summary>
internal abstract class TextKind<T> : ValueKind<T>
{
    /// <summary>
    /// A regular expression (ECMA-262) that every valid text matches, or null. It may let through what <see cref="TryParse"/> refuses.
    /// </summary>
    protected virtual string? Pattern => null;

    public override bool TryRead(ConfigurationNode node, BindingContext context, out T value)
    {
        if (node.Kind != NodeKind.Text)
            return WrongType(node, context, out value);
        if (TryParse(node.Text, out value, out ValueFault fault))
        {
            context.Remember(value, node);
            return true;
        }
        value = Fallback;
        string why = fault.Why is null ? "" : $" ({fault.Why})";
        context.Problems.Error(node.At, fault.Code, $"{node.Path} is {Wording.Quote(node.Text)}{why}, expected {Expected}");
        return false;
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteString("errorMessage", InEditor);
        WritePattern(writer);
    }

    /// <summary>Writes what the schema says of the text; of no effect on values of other types.</summary>
    public void WritePattern(Utf8JsonWriter writer)
    {
        if (Pattern is null)
            return;
        writer.WriteString("pattern", Pattern);
        writer.WriteString("patternErrorMessage", InEditor);
    }

    public override void WriteValue(Utf8JsonWriter writer, T value) => writer.WriteStringValue(Format(value));

    /// <summary>The value of a text, or what is wrong with it. Pure; never throws.</summary>
    public abstract bool TryParse(string text, out T value, out ValueFault fault);

    /// <summary>The text that <see cref="TryParse"/> turns into the value.</summary>
    protected virtual string Format(T value) => value?.ToString() ?? "";
}
