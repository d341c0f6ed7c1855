using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The URL of a check, with templates that are filled in for each upstream. Immutable, any thread.</summary>
internal sealed class UrlTemplateKind : TextKind<string?>
{
    public override string Expected =>
        $"a URL such as \"http://{{host}}:8080/health\" of at most {ConfigurationLimits.CheckUrlLengthMax} characters; "
        + "{host}, {port} and {name} stand for the upstream's";

    public override string? Fallback => null;

    /// <summary>What a URL may hold, without user name and fragment, and templates (<see cref="CheckUrl"/>).</summary>
    protected override string? Pattern => $@"^(?![\s\S]{{{ConfigurationLimits.CheckUrlLengthMax + 1}}})"
        + $"https?://{UpstreamTemplate.HostPattern}(:{UpstreamTemplate.PortPattern})?"
        + $@"([/?]([!$-;=?-\[\]_a-z~]|{UpstreamTemplate.Pattern})*)?$";

    public override bool TryParse(string text, out string? value, out ValueFault fault)
    {
        value = text;
        if (text.Length > ConfigurationLimits.CheckUrlLengthMax)
        {
            fault = ValueFault.OutOfRange($"it has {Counted.Of(text.Length, "character")}");
            return false;
        }
        // What is wrong whatever the upstream is, is said once and at once.
        string? why = UpstreamTemplate.Refusal(text);
        if (why is null)
        {
            UpstreamTemplate.Sample.Fill(text, inUrl: true, out string filled);
            why = CheckUrl.Parse(filled, out _);
        }
        fault = ValueFault.Malformed(why);
        return why is null;
    }
}
