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

    /// <summary>Whether the text is content, whose spaces and signs are meant.</summary>
    protected virtual bool IsFreeText => false;

    protected override string Form => "a text in quotes";

    public override bool TryRead(ConfigurationNode node, BindingContext context, out T value)
    {
        if (node.Kind != NodeKind.Text)
            return WrongType(node, context, out value);
        if (TryParse(node.Text, out value, out ValueFault fault))
        {
            context.Remember(value, node);
            if (!IsFreeText && TextCorrection.Doubt(node.Text) is { } doubt)
                context.Problems.Warning(node.At, ConfigurationCodes.DoubtfulText,
                    $"{node.Path} is {Wording.Quote(node.Text)} ({doubt.Why}), and is used as it is, {doubt.Advice}");
            return true;
        }
        value = Fallback;
        TextCorrection meant = Correct(node.Text);
        string why = (meant.Why ?? fault.Why) is { } reason ? $" ({reason})" : "";
        string expected = meant.Write() is { } instead ? $"write {instead}" : meant.Advice ?? $"expected {Expected}";
        context.Problems.Error(node.At, fault.Code, $"{node.Path} is {Wording.Quote(node.Text)}{why}, {expected}");
        return false;
    }

    public override string? Instead(ConfigurationNode node) => node.Kind switch
    {
        NodeKind.List when node.Items.Count == 1 => Instead(node.Items[0]),
        NodeKind.Text or NodeKind.Number or NodeKind.Boolean => IsValue(node.Text)
            ? TextCorrection.Write(node.Text) : TextCorrection.Write(Correct(node.Text).Text),
        _ => null,
    };

    protected override string? Advice(ConfigurationNode node) =>
        node.Kind is NodeKind.Number && !IsValue(node.Text) ? Correct(node.Text).Write() : Instead(node);

    /// <summary>What was meant by a text that is not a value.</summary>
    protected virtual TextCorrection Correct(string text) => IsFreeText ? default : TextCorrection.Of(text, IsValue);

    /// <summary>Whether the text is a value.</summary>
    protected bool IsValue(string text) => TryParse(text, out _, out _);

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
