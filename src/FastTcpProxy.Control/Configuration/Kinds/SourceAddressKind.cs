using System.Net;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>An IP address to connect from, without a port. Immutable, any thread.</summary>
internal sealed class SourceAddressKind : TextKind<IPAddress>
{
    public override string Expected => "an IPv4 or IPv6 address of this machine without a port";

    public override IPAddress Fallback => IPAddress.None;

    protected override string? Pattern => $@"^(?!(0\.0\.0\.0|::)$)({Patterns.Ipv4}|{Patterns.Ipv6}(%[\s\S]+)?)$";

    public override bool TryParse(string text, out IPAddress value, out ValueFault fault)
    {
        string? why = AddressSyntax.ParseIp(text, out value, out _);
        if (why is null && AddressSyntax.IsWildcard(value))
            why = "the wildcard is the default without this key";
        fault = ValueFault.Malformed(why);
        return why is null;
    }
}
