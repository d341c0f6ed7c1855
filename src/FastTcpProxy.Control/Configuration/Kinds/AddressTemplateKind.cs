using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>Where a TCP check connects, with templates that are filled in for each upstream. Immutable, any thread.</summary>
internal sealed class AddressTemplateKind : TextKind<string?>
{
    public static UpstreamAddressKind Filled { get; } = new();

    public override string Expected => Filled.Expected + "; {host}, {port} and {name} stand for the upstream's";

    public override string? Fallback => null;

    protected override string? Pattern =>
        $"^({UpstreamTemplate.HostPattern}:{UpstreamTemplate.PortPattern}|unix:{Patterns.Path(ConfigurationLimits.PathBytesMax)})$";

    public override bool TryParse(string text, out string? value, out ValueFault fault)
    {
        value = text;
        fault = ValueFault.Malformed(UpstreamTemplate.Refusal(text));
        if (fault.Why is not null)
            return false;
        UpstreamTemplate.Sample.Fill(text, inUrl: false, out string filled);
        return Filled.TryParse(filled, out _, out fault);
    }
}
