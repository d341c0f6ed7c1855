using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The URL of a server that this program sends requests to. Immutable, any thread.</summary>
internal sealed class EndpointKind : TextKind<Uri?>
{
    public override string Expected =>
        $"a URL such as \"http://127.0.0.1:4318\" of at most {ConfigurationLimits.CheckUrlLengthMax} characters";

    public override Uri? Fallback => null;

    protected override string? Pattern => $@"^(?![\s\S]{{{ConfigurationLimits.CheckUrlLengthMax + 1}}})"
        + $@"https?://({Patterns.DnsName}|{Patterns.Ipv4}|\[{Patterns.Ipv6}{Patterns.Scope}\])(:{Patterns.Port})?"
        + @"([/?][!$-;=?-\[\]_a-z~]*)?$";

    public override bool TryParse(string text, out Uri? value, out ValueFault fault)
    {
        value = null;
        if (text.Length > ConfigurationLimits.CheckUrlLengthMax)
        {
            fault = ValueFault.OutOfRange($"it has {Counted.Of(text.Length, "character")}");
            return false;
        }
        string? why = CheckUrl.Parse(text, out value);
        fault = ValueFault.Malformed(why);
        return why is null;
    }

    protected override string Format(Uri? value) => value?.OriginalString ?? "";
}
