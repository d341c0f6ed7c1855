using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>The name that a certificate is for: a DNS name, or an IP address without brackets. Immutable, any thread.</summary>
internal sealed class ServerNameKind : TextKind<string?>
{
    public override string Expected => "a DNS name in ASCII, or an IP address, without a port";

    public override string? Fallback => null;

    protected override string? Pattern => $@"^({Patterns.Ipv4}|{Patterns.Ipv6}|"
        + $@"(?=[^:]{{1,{ConfigurationLimits.DnsNameLengthMax}}}\.?$){Patterns.DnsName})$";

    public override bool TryParse(string text, out string? value, out ValueFault fault)
    {
        value = text;
        string? why = AddressSyntax.ParseIp(text, out _, out bool numeric);
        if (why is null && text.Contains('%', StringComparison.Ordinal))
            why = "a certificate names no interface";
        fault = ValueFault.Malformed(numeric ? why : null);
        return why is null || (!numeric && AddressSyntax.IsDnsName(text));
    }
}
