using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Addresses to listen on, to connect to, to connect from, and networks to believe: what is taken and what is refused.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("0.0.0.0:25", "0.0.0.0", 25)]
    [InlineData("127.0.0.1:1", "127.0.0.1", 1)]
    [InlineData("255.255.255.255:65535", "255.255.255.255", 65535)]
    [InlineData("[::]:25", "::", 25)]
    [InlineData("[2001:DB8::1]:443", "2001:db8::1", 443)]
    [InlineData("[fe80::1%1]:443", "fe80::1%1", 443)]
    public void Listen_IpAddress_IsItsEndPoint(string text, string address, int port)
    {
        ConfiguredListenAddress listen = Given.Valid(Given.Service(listen: $"[\"{text}\"]")).Services[0].Listen[0];

        Assert.Equal((AddressKind.Ip, text, null), (listen.Kind, listen.Text, listen.Path));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), listen.EndPoint);
    }

    [Fact]
    public void Listen_UnixSocketOfLongestPath_IsItsPath()
    {
        string path = "/" + new string('x', ConfigurationLimits.SocketPathBytesMax - 1);

        ConfiguredListenAddress listen = Given.Valid(Given.Service(listen: $"[\"unix:{path}\"]")).Services[0].Listen[0];

        Assert.Equal((AddressKind.Unix, path, null, false), (listen.Kind, listen.Path, listen.EndPoint, listen.DualStack));
    }

    [Theory]
    [InlineData("127.0.0.1:70000", "C030", "port 70000 is out of range")]
    [InlineData("127.0.0.1:65536", "C030", "port 65536 is out of range")]
    [InlineData("127.0.0.1:0", "C030", "port 0 is out of range")]
    [InlineData("127.0.0.1:99999999999999", "C030", "out of range")]
    [InlineData("127.0.0.1:025", "C031", "the port has a leading zero")]
    [InlineData("127.0.0.1:", "C031", "the port is missing")]
    [InlineData("127.0.0.1", "C031", "the port is missing")]
    [InlineData("127.0.0.1:-1", "C031", "the port is not a number")]
    [InlineData("127.0.0.1:http", "C031", "the port is not a number")]
    [InlineData("127.0.0.1: 25", "C031", "it contains a space), write \"127.0.0.1:25\"")]
    [InlineData(":25", "C031", "0.0.0.0 is every IPv4 address, [::] every address), write \"0.0.0.0:25\" or \"[::]:25\"")]
    [InlineData("25", "C031", "write \"0.0.0.0:25\" or \"[::]:25\"")]
    [InlineData("", "C031", "the port is missing")]
    [InlineData("*:25", "C031", "write \"0.0.0.0:25\" or \"[::]:25\"")]
    [InlineData("localhost:25", "C031", "not a name")]
    [InlineData("1.2.3:25", "C031", "not an IP address")]
    [InlineData("256.0.0.1:25", "C031", "four numbers from 0 to 255")]
    [InlineData("010.0.0.1:25", "C031", "without leading zeros")]
    [InlineData("0x7f.0.0.1:25", "C031", "four numbers from 0 to 255")]
    [InlineData("::1:25", "C031", "in brackets")]
    [InlineData("http://127.0.0.1:25", "C031", "an address is written without \"http://\"), write \"127.0.0.1:25\"")]
    [InlineData("tcp://127.0.0.1", "C031", "this is a URL")]
    [InlineData("[::1]", "C031", "the port is missing")]
    [InlineData("[::1:25", "C031", "in brackets")]
    [InlineData("[]:25", "C031", "the address is missing")]
    [InlineData("[127.0.0.1]:25", "C031", "only an IPv6 address is written in brackets")]
    [InlineData("[::g]:25", "C031", "not an IPv6 address")]
    [InlineData("[::1/64]:25", "C031", "not an IPv6 address")]
    [InlineData("[fe80::1%nosuchinterface]:25", "C031", "no such network interface")]
    [InlineData("[::ffff:192.0.2.1]:25", "C031", "192.0.2.1")]
    [InlineData("unix:run/x.sock", "C031", "not absolute")]
    [InlineData("unix:", "C031", "not absolute")]
    [InlineData("unix:/", "C031", "root directory")]
    [InlineData("unix:/a\\u0000b", "C031", "control character")]
    public void Listen_InvalidAddress_IsOneError(string text, string code, string says) =>
        CheckInvalid(Given.Service(listen: $"[\"{text}\"]"), "services[0].listen[0] is ", code, says);

    [Fact]
    public void Listen_UnixPathAboveLimit_IsError()
    {
        // Two bytes a character: the limit is one of bytes.
        string path = "/" + new string('é', ConfigurationLimits.SocketPathBytesMax / 2 + 1);

        CheckInvalid(Given.Service(listen: $"[\"unix:{path}\"]"), "services[0].listen[0]", "C031", "at most 107 fit");
    }

    [Theory]
    [InlineData("192.0.2.1:25", AddressKind.Ip, null, 25)]
    [InlineData("[2001:db8::1]:25", AddressKind.Ip, null, 25)]
    [InlineData("localhost:25", AddressKind.Dns, "localhost", 25)]
    [InlineData("a_b.example.:25", AddressKind.Dns, "a_b.example.", 25)]
    [InlineData("xn--bcher-kva.example:65535", AddressKind.Dns, "xn--bcher-kva.example", 65535)]
    [InlineData("1.2.3.4.in-addr.arpa:1", AddressKind.Dns, "1.2.3.4.in-addr.arpa", 1)]
    [InlineData("unix:/run/x.sock", AddressKind.Unix, null, 0)]
    public void Upstream_ValidAddress_IsKept(string text, AddressKind kind, string? name, int port)
    {
        ConfiguredUpstreamAddress address = Given.Valid(Upstream(text)).Services[0].Upstreams[0].Address;

        Assert.Equal((kind, text, name, port), (address.Kind, address.Text, address.DnsName, address.Port));
        Assert.Equal((kind == AddressKind.Ip, kind == AddressKind.Unix), (address.EndPoint is not null, address.Path is not null));
    }

    [Theory]
    [InlineData("192.0.2.1:0", "C030", "port 0 is out of range")]
    [InlineData("a.example:70000", "C030", "port 70000 is out of range")]
    [InlineData("a.example", "C031", "the port is missing")]
    [InlineData("0.0.0.0:25", "C031", "wildcard")]
    [InlineData("[::]:25", "C031", "wildcard")]
    [InlineData("192.0.2.300:25", "C031", "not an IPv4 address")]
    [InlineData("192.0.2:25", "C031", "not an IP address")]
    [InlineData("-a.example:25", "C031", "neither an address nor a DNS name")]
    [InlineData("a..example:25", "C031", "neither an address nor a DNS name")]
    [InlineData("bücher.example:25", "C031", "neither an address nor a DNS name")]
    [InlineData("http://a.example:25", "C031", "an address is written without \"http://\"), write \"a.example:25\"")]
    [InlineData("[a.example]:25", "C031", "only an IPv6 address is written in brackets")]
    [InlineData("*:25", "C031", "neither an address nor a DNS name")]
    public void Upstream_InvalidAddress_IsOneError(string text, string code, string says) =>
        CheckInvalid(Upstream(text), "services[0].upstreams[0].address is ", code, says);

    [Fact]
    public void Upstream_DnsNameAtAndAboveLimits_IsTakenAndRefused()
    {
        string label = new('a', 63);
        string longest = $"{label}.{label}.{label}.{label[..61]}";

        Assert.Equal(ConfigurationLimits.DnsNameLengthMax, longest.Length);
        Given.Valid(Upstream(longest + ":1"));
        CheckInvalid(Upstream($"a{longest}:1"), "services[0].upstreams[0].address", "C031", "neither an address nor a DNS name");
        CheckInvalid(Upstream($"a{label}.example:1"), "services[0].upstreams[0].address", "C031", "neither an address nor a DNS name");
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("192.0.2.1/32", "192.0.2.1/32")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    public void Network_Valid_IsKept(string text, string network) =>
        Assert.Equal(IPNetwork.Parse(network), Given.Valid(From(text)).Services[0].Settings.AcceptProxy!.From.Networks[0]);

    [Theory]
    [InlineData("10.1.2.3/8", "C031", "did you mean \"10.0.0.0/8\"?")]
    [InlineData("2001:db8::1/64", "C031", "did you mean \"2001:db8::/64\"?")]
    [InlineData("10.0.0.0/33", "C030", "at most 32 bits")]
    [InlineData("2001:db8::/129", "C030", "at most 128 bits")]
    [InlineData("10.0.0.0/08", "C031", "the length of the prefix")]
    [InlineData("10.0.0.0/", "C031", "the length of the prefix")]
    [InlineData("10.0.0.0/-8", "C031", "the length of the prefix")]
    [InlineData("10.0.0.0/255.0.0.0", "C031", "the length of the prefix")]
    [InlineData("10/8", "C031", "not an IP address")]
    [InlineData("any", "C031", "not an IP address")]
    [InlineData("::ffff:10.0.0.0/104", "C031", "written without the prefix")]
    [InlineData("fe80::%1/64", "C031", "no interface")]
    public void Network_Invalid_IsOneError(string text, string code, string says) =>
        CheckInvalid(From(text), "services[0].acceptProxy.from[0] is ", code, says);

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    public void Source_ValidAddress_IsKept(string text) =>
        Assert.Equal(IPAddress.Parse(text), Given.Valid(Source(text)).Services[0].Settings.SourceAddresses[0].ToIPEndPoint().Address);

    [Theory]
    [InlineData("0.0.0.0", "wildcard")]
    [InlineData("::", "wildcard")]
    [InlineData("192.0.2.1:80", "not an IPv6 address")]
    [InlineData("eth0", "not an IP address")]
    public void Source_InvalidAddress_IsOneError(string text, string says) =>
        CheckInvalid(Source(text), "services[0].sourceAddresses[0] is ", "C031", says);

    private static string Upstream(string address) => Given.Service(upstreams: $$"""[{ "address": "{{address}}", "name": "u" }]""");

    private static string From(string network) => Given.Service($$"""  "acceptProxy": { "from": ["{{network}}"] }  """);

    private static string Source(string address) => Given.Service($"\"sourceAddresses\": [\"{address}\"]");

    private static void CheckInvalid(string json, string subject, string code, string says)
    {
        ConfigurationError error = Given.OnlyError(json);

        Assert.Equal(code, error.Code);
        Assert.StartsWith(subject, error.Message);
        Assert.Contains(says, error.Message);
        Assert.Matches(", (expected|write) ", error.Message);
    }
}
