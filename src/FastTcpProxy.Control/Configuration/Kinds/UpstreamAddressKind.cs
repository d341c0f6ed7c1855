using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>An address to connect to: an IP address or a DNS name with a port, or a UNIX socket. Immutable, any thread.</summary>
internal sealed class UpstreamAddressKind : TextKind<ConfiguredUpstreamAddress>
{
    public override string Expected =>
        "\"address:port\", \"name:port\" or \"[IPv6 address]:port\" with a port from 1 to 65535, or \"unix:/path\" of at most "
        + $"{ConfigurationLimits.SocketPathBytesMax} bytes";

    public override ConfiguredUpstreamAddress Fallback { get; } = new() { Kind = AddressKind.Ip, Text = "" };

    protected override string? Pattern => $@"^((?!0\.0\.0\.0:|\[::\]:)({Patterns.AddressAndPort}|"
        + $@"(?=[^:]{{1,{ConfigurationLimits.DnsNameLengthMax}}}\.?:){Patterns.DnsName}:{Patterns.Port})|"
        + $"unix:{Patterns.Path(ConfigurationLimits.SocketPathBytesMax)})$";

    public override bool TryParse(string text, out ConfiguredUpstreamAddress value, out ValueFault fault)
    {
        value = Fallback;
        if (AddressSyntax.IsUnix(text, out string path))
        {
            string? refusal = PathKind.Refusal(path, ConfigurationLimits.SocketPathBytesMax);
            fault = ValueFault.Malformed(refusal);
            value = new ConfiguredUpstreamAddress { Kind = AddressKind.Unix, Text = text, Path = path };
            return refusal is null;
        }
        ValueFault? split = AddressSyntax.Split(text, out string host, out int port, out bool bracketed);
        fault = split ?? default;
        if (split is not null)
            return false;
        string? why = AddressSyntax.ParseIp(host, out IPAddress address, out bool numeric);
        if (bracketed != host.Contains(':', StringComparison.Ordinal))
            why = "only an IPv6 address is written in brackets";
        else if (why is null && AddressSyntax.IsWildcard(address))
            why = "this is the wildcard address of a listener, not an address to connect to";
        else if (why is null)
            value = new ConfiguredUpstreamAddress
            {
                Kind = AddressKind.Ip, Text = text, EndPoint = new IPEndPoint(address, port), Port = port,
            };
        else if (!numeric && AddressSyntax.IsDnsName(host))
            value = new ConfiguredUpstreamAddress { Kind = AddressKind.Dns, Text = text, DnsName = host, Port = port };
        else if (!numeric)
            why = "this is neither an address nor a DNS name in ASCII";
        fault = ValueFault.Malformed(why);
        return value != Fallback;
    }
}
