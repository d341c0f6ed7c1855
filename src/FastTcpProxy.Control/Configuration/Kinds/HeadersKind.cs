using System.Collections.Immutable;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>
/// The headers of a check: an object whose keys are names without case, with templates in the values. Immutable, any thread.
/// </summary>
internal sealed class HeadersKind : ValueKind<ImmutableArray<CheckHeader>>
{
    public override string Expected =>
        $"an object in braces of at most {ConfigurationLimits.CheckHeadersMax} headers, such as {{ \"Host\": \"mail.example\" }}";

    protected override string Form => "an object in braces";

    public override ImmutableArray<CheckHeader> Fallback => [];

    public override bool TryRead(ConfigurationNode node, BindingContext context, out ImmutableArray<CheckHeader> value)
    {
        if (node.Kind != NodeKind.Object)
            return WrongType(node, context, out value);
        value = [];
        if (node.Properties.Count > ConfigurationLimits.CheckHeadersMax)
        {
            context.Problems.Error(node.At, ConfigurationCodes.OutOfRange,
                $"{node.Path} has {Counted.Of(node.Properties.Count, "header")}, expected at most {ConfigurationLimits.CheckHeadersMax}");
            return false;
        }
        bool sound = true;
        var first = new Dictionary<string, NodeProperty>(StringComparer.OrdinalIgnoreCase);
        var headers = new List<CheckHeader>();
        foreach (NodeProperty property in node.Properties)
        {
            // One by one, so that all that is wrong is told.
            bool named = CheckName(node, property, first, context);
            if (named && CheckValue(property, context))
                headers.Add(new CheckHeader(property.Name, property.Value.Text));
            else
                sound = false;
        }
        value = [.. headers];
        return sound && CheckLength(node, headers, context);
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "object");
        writer.WriteNumber("maxProperties", ConfigurationLimits.CheckHeadersMax);
        writer.WriteStartObject("propertyNames");
        writer.WriteString("pattern", HttpFieldSyntax.NamePattern);
        writer.WriteString("patternErrorMessage",
            "Expected the name of a header of letters, digits and !#$%&'*+-.^_`|~, and none that the check sets by itself.");
        writer.WriteEndObject();
        writer.WriteStartObject("additionalProperties");
        writer.WriteString("type", "string");
        writer.WriteString("errorMessage", "Expected a text in quotes.");
        writer.WriteString("pattern", HttpFieldSyntax.ValuePattern);
        writer.WriteString("patternErrorMessage", "Expected visible ASCII with spaces inside only.");
        writer.WriteEndObject();
    }

    public override void WriteValue(Utf8JsonWriter writer, ImmutableArray<CheckHeader> value)
    {
        writer.WriteStartObject();
        foreach (CheckHeader header in value)
            writer.WriteString(header.Name, header.Value);
        writer.WriteEndObject();
    }

    private static bool CheckName(
        ConfigurationNode node, NodeProperty property, Dictionary<string, NodeProperty> first, BindingContext context)
    {
        string? why = HttpFieldSyntax.NameRefusal(property.Name);
        if (why is not null)
            context.Problems.Error(property.At, ConfigurationCodes.RefusedHeader,
                $"{node.Path} has the header {Wording.Quote(property.Name)} ({why}), expected one that a request can have");
        else if (!first.TryAdd(property.Name, property))
            context.Problems.Error(property.At, ConfigurationCodes.DuplicateKey,
                $"header \"{property.Name}\" is already given as \"{first[property.Name].Name}\" at {first[property.Name].At} "
                + "(names of headers are not case-sensitive), expected each header once");
        else
            return true;
        return false;
    }

    private static bool CheckValue(NodeProperty property, BindingContext context)
    {
        ConfigurationNode value = property.Value;
        if (value.Kind != NodeKind.Text)
        {
            if (value.Kind != NodeKind.Unreadable)
                context.Problems.Error(value.At, ConfigurationCodes.WrongType, $"{value.Path} is {value.Describe()}, expected a text");
            return false;
        }
        UpstreamTemplate.Sample.Fill(value.Text, inUrl: false, out string filled);
        string? why = UpstreamTemplate.Misspelling(value.Text) ?? HttpFieldSyntax.ValueRefusal(property.Name, filled);
        string expected = HttpFieldSyntax.IsHost(property.Name) ? "a host, or a host and a port" : "visible ASCII with spaces inside only";
        if (why is not null)
            context.Problems.Error(value.At, ConfigurationCodes.Malformed, $"{value.Path} cannot be sent ({why}), expected {expected}");
        return why is null;
    }

    private static bool CheckLength(ConfigurationNode node, List<CheckHeader> headers, BindingContext context)
    {
        int length = headers.Sum(header => header.Name.Length + header.Value.Length);
        if (length > ConfigurationLimits.CheckHeadersLengthMax)
            context.Problems.Error(node.At, ConfigurationCodes.OutOfRange,
                $"{node.Path} has {Counted.Of(length, "character")} of names and values, "
                + $"expected at most {ConfigurationLimits.CheckHeadersLengthMax}");
        return length <= ConfigurationLimits.CheckHeadersLengthMax;
    }
}
