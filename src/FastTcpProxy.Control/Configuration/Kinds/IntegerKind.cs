using System.Globalization;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>A whole number within bounds, both inclusive. Immutable, any thread.</summary>
internal sealed class IntegerKind(int min, int max) : ValueKind<int>
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");

    protected override string Form => "a number without quotes";

    public override int Fallback => min;

    public override bool TryRead(ConfigurationNode node, BindingContext context, out int value)
    {
        if (node.Kind != NodeKind.Number)
            return WrongType(node, context, out value);
        if (int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= min && value <= max)
            return true;
        value = min;
        bool whole = node.Text.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;
        context.Problems.Error(node.At, whole ? ConfigurationCodes.OutOfRange : ConfigurationCodes.Malformed,
            $"{node.Path} is {Wording.Shorten(node.Text)}, expected {Expected}");
        return false;
    }

    public override string? Instead(ConfigurationNode node) => node.Kind is NodeKind.Text or NodeKind.Number
        && int.TryParse(node.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
        && number >= min && number <= max ? number.ToString(CultureInfo.InvariantCulture) : null;

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "integer");
        writer.WriteString("errorMessage", InEditor);
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
    }

    public override void WriteValue(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);
}
