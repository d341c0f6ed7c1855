using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The method of a request (RFC 9110, section 9.1): a token with case. Immutable, any thread.</summary>
internal sealed class MethodKind : TextKind<string>
{
    private static readonly string[] Standard = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"];

    public override string Expected => $"a method such as \"GET\" of at most {ConfigurationLimits.CheckMethodLengthMax} characters";

    public override string Fallback => "GET";

    /// <summary>A standard method as it is written, or a token that is none of them in another case.</summary>
    protected override string? Pattern => $"^({string.Join('|', Standard)}|"
        + $"(?!({string.Join('|', Standard.Append("CONNECT").Select(Patterns.AnyCase))})$)"
        + $"{Patterns.Token}{{1,{ConfigurationLimits.CheckMethodLengthMax}}})$";

    public override bool TryParse(string text, out string value, out ValueFault fault)
    {
        value = text;
        fault = ValueFault.Malformed();
        if (text.Length > ConfigurationLimits.CheckMethodLengthMax)
            fault = ValueFault.OutOfRange($"it has {Counted.Of(text.Length, "character")}");
        else if (text.Equals("CONNECT", StringComparison.OrdinalIgnoreCase))
            fault = ValueFault.Malformed("CONNECT asks for a tunnel, not for an answer");
        else if (Array.Find(Standard, word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } standard && standard != text)
            fault = ValueFault.Malformed($"methods are case-sensitive, did you mean \"{standard}\"?");
        else
            return HttpFieldSyntax.IsToken(text);
        return false;
    }
}
