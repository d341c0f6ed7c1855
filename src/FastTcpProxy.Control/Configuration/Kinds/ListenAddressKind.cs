using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>An address to listen on: an IP address and a port, or a UNIX socket; never a name. Immutable, any thread.</summary>
/// <param name="isAdmin">
/// Whether the administrative interface listens there: never on a UNIX socket, which is a key of its own, and on no more than this machine
/// unless the file says so.
/// </param>
internal sealed class ListenAddressKind(bool isAdmin = false) : TextKind<ConfiguredListenAddress>
{
    public override string Expected =>
        "\"address:port\" or \"[IPv6 address]:port\" with a port from 1 to 65535"
        + (!isAdmin ? $", or \"unix:/path\" of at most {ConfigurationLimits.SocketPathBytesMax} bytes" : "");

    public override ConfiguredListenAddress Fallback { get; } = new() { Kind = AddressKind.Ip, Text = "" };

    protected override string? Pattern => $"^({Patterns.AddressAndPort}"
        + (!isAdmin ? $"|unix:{Patterns.Path(ConfigurationLimits.SocketPathBytesMax)})$" : ")$");

    protected override TextCorrection Correct(string text)
    {
        string host = text.Contains(':', StringComparison.Ordinal) ? text[..text.LastIndexOf(':')] : "";
        string port = text[(text.LastIndexOf(':') + 1)..];
        return (host, AddressSyntax.ParsePort(port, out _)) switch
        {
            ("" or "*", null) when isAdmin => new TextCorrection(
                "the address is missing: 127.0.0.1 is this machine alone", $"127.0.0.1:{port}"),
            ("" or "*", null) => new TextCorrection(
                "the address is missing: 0.0.0.0 is every IPv4 address, [::] every address", $"0.0.0.0:{port}", $"[::]:{port}"),
            ("localhost", null) => new TextCorrection("a listener takes an IP address, not a name", $"127.0.0.1:{port}"),
            _ => base.Correct(text),
        };
    }

    public override bool TryParse(string text, out ConfiguredListenAddress value, out ValueFault fault)
    {
        value = Fallback;
        if (AddressSyntax.IsUnix(text, out string path))
        {
            if (isAdmin)
            {
                fault = ValueFault.Malformed("a UNIX socket is not allowed here");
                return false;
            }
            string? why = PathKind.Refusal(path, ConfigurationLimits.SocketPathBytesMax);
            fault = ValueFault.Malformed(why);
            value = new ConfiguredListenAddress { Kind = AddressKind.Unix, Text = text, Path = path };
            return why is null;
        }
        ValueFault? split = AddressSyntax.Split(text, out string host, out int port, out bool bracketed);
        fault = split ?? default;
        IPAddress address = IPAddress.None;
        bool numeric = false;
        string? refusal = split is null ? AddressSyntax.ParseIp(host, out address, out numeric) : null;
        if (host == "*")
            fault = ValueFault.Malformed("\"*\" names no family, write \"0.0.0.0\" for IPv4 or \"[::]\" for both");
        else if (refusal is not null)
            fault = ValueFault.Malformed(numeric ? refusal : "a listener takes an IP address, not a name");
        else if (split is null && bracketed != host.Contains(':', StringComparison.Ordinal))
            fault = ValueFault.Malformed("only an IPv6 address is written in brackets");
        else if (split is null)
            value = new ConfiguredListenAddress { Kind = AddressKind.Ip, Text = text, EndPoint = new IPEndPoint(address, port) };
        return value != Fallback;
    }
}
