using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>What templates become for upstreams of every kind, and which URLs are none.</summary>
public sealed class HealthCheckTemplateTests
{
    [Theory]
    [InlineData("http://{host}:8080/health", "192.0.2.1:25", "http://192.0.2.1:8080/health")]
    [InlineData("http://{host}:8080/health", "mail-b.example:25", "http://mail-b.example:8080/health")]
    [InlineData("http://{host}:8080/health", "[2001:db8::1]:25", "http://[2001:db8::1]:8080/health")]
    [InlineData("https://{host}", "192.0.2.1:25", "https://192.0.2.1/")]
    [InlineData("http://{host}:{port}/", "192.0.2.1:25", "http://192.0.2.1:25/")]
    [InlineData("http://{name}.example/{name}", "192.0.2.1:25", "http://a.example/a")]
    [InlineData("http://checks.example/of?host={host}&port={port}", "[2001:db8::1]:25",
        "http://checks.example/of?host=[2001:db8::1]&port=25")]
    [InlineData("http://checks.example/of/{name}", "unix:/run/x.sock", "http://checks.example/of/a")]
    [InlineData("http://checks.example", "unix:/run/x.sock", "http://checks.example/")]
    [InlineData("http://[2001:db8::1]?a%20b", "192.0.2.1:25", "http://[2001:db8::1]/?a%20b")]
    public void Url_OfEachKindOfUpstream_IsFilledIn(string template, string address, string url)
    {
        string upstreams = $$"""[{ "name": "a", "address": "{{address}}" }]""";

        Assert.Equal(url, GivenCheck.Valid(GivenCheck.Service($$"""{ "url": "{{template}}" }""", upstreams)).Url!.AbsoluteUri);
    }

    [Fact]
    public void Url_WithNameThatIsAnAddress_IsEncoded()
    {
        string json = GivenCheck.Service("""{ "url": "http://checks.example/of/{name}" }""", """[{ "address": "unix:/run/x.sock" }]""");

        Assert.Equal("http://checks.example/of/unix%3A%2Frun%2Fx.sock", GivenCheck.Valid(json).Url!.AbsoluteUri);
    }

    [Fact]
    public void Url_OfLinkLocalUpstream_KeepsTheInterface()
    {
        string json = GivenCheck.Service("""{ "url": "http://{host}:80/" }""", """[{ "name": "a", "address": "[fe80::1%1]:25" }]""");

        Assert.Equal("fe80::1%1", GivenCheck.Valid(json).Url!.DnsSafeHost);
    }

    [Theory]
    [InlineData("ftp://a/", "neither \"http://\" nor \"https://\"")]
    [InlineData("HTTP://a/", "neither \"http://\" nor \"https://\"")]
    [InlineData("a.example", "neither \"http://\" nor \"https://\"")]
    [InlineData("", "neither \"http://\" nor \"https://\"")]
    [InlineData("http://", "the address is missing")]
    [InlineData("http:///x", "the address is missing")]
    [InlineData("http://:80/", "the address is missing")]
    [InlineData("http://a:/", "the port is missing")]
    [InlineData("http://a:0/", "port 0 is out of range")]
    [InlineData("http://a:65536/", "port 65536 is out of range")]
    [InlineData("http://a:{name}/", "the port is not a number")]
    [InlineData("http://u:p@a/", "no user name")]
    [InlineData("http://a/#b", "a fragment is never sent")]
    [InlineData("http://a/b c", "visible ASCII")]
    [InlineData("http://a/é", "visible ASCII")]
    [InlineData("http://a\\\\b/", "percent-encoded")]
    [InlineData("http://0x7f.1/", "not an IP address")]
    [InlineData("http://010.0.0.1/", "not an IPv4 address")]
    [InlineData("http://1.2.3/", "not an IP address")]
    [InlineData("http://2001:db8::1/", "in brackets")]
    [InlineData("http://[a.example]/", "only an IPv6 address is written in brackets")]
    [InlineData("http://0.0.0.0/", "wildcard")]
    [InlineData("http://a/b/../c", "the request would be for \"/c\"")]
    [InlineData("http://a/%zz", "the request would be for \"/%25zz\"")]
    [InlineData("http://a/?%41", "the request would be for \"/?A\"")]
    [InlineData("http://-a/", "neither an address nor a DNS name")]
    [InlineData("http://{hots}/", "{hots} is not a template, did you mean {host}?")]
    [InlineData("http://{x}/", "{x} is not a template)")]
    [InlineData("http://{host/", "a brace has no matching brace")]
    [InlineData("http://host}/", "a brace has no matching brace")]
    [InlineData("http://a/{{host}}", "{{host} is not a template")]
    public void Url_Invalid_IsOneErrorAtTheText(string template, string says)
    {
        ConfigurationError error = Given.OnlyError(GivenCheck.Service($$"""{ "url": "{{template}}" }"""));

        Assert.Equal("C031", error.Code);
        Assert.StartsWith("services[0].healthCheck.url is \"", error.Message);
        Assert.Contains(says, error.Message);
    }

    [Theory]
    [InlineData("{ \"url\": \"http://{host}/\" }", "unix:/run/x", "healthCheck.url gives no URL for upstream \"a\" (it is a UNIX socket")]
    [InlineData("{ \"url\": \"http://x/{port}\" }", "unix:/run/x", "healthCheck.url gives no URL for upstream \"a\" (it is a UNIX socket")]
    [InlineData("{ \"type\": \"tcp\", \"address\": \"{host}:1\" }", "unix:/run/x",
        "healthCheck.address gives no address for upstream \"a\" (it is a UNIX socket")]
    [InlineData("{ \"url\": \"http://x/\", \"headers\": { \"X-A\": \"{host}\" } }", "unix:/run/x",
        "healthCheck.headers.X-A gives no header for upstream \"a\"")]
    public void Template_OfUnixSocket_HasNeitherHostNorPort(string check, string address, string says)
    {
        ConfigurationError error = Given.OnlyError(GivenCheck.Service(check, $$"""[{ "name": "a", "address": "{{address}}" }]"""));

        Assert.Equal("C046", error.Code);
        Assert.StartsWith("services[0]." + says, error.Message);
    }

    [Theory]
    [InlineData("{ \"url\": \"http://{name}/\" }", "(the host is neither an address nor a DNS name")]
    [InlineData("{ \"url\": \"http://x/\", \"headers\": { \"Host\": \"{name}\" } }", "(the host is neither an address nor a DNS name")]
    [InlineData("{ \"type\": \"tcp\", \"address\": \"{name}:1\" }", "(\"-x:1\" is not an address)")]
    public void Template_ThatFitsOneUpstreamOnly_IsErrorForTheOther(string check, string says)
    {
        ConfigurationError error = Given.OnlyError(GivenCheck.Service(check,
            """[{ "name": "x", "address": "a.example:1" }, { "name": "-x", "address": "b.example:1" }]"""));

        Assert.Equal("C046", error.Code);
        Assert.Contains("for upstream \"-x\" " + says, error.Message);
    }

    [Fact]
    public void Template_InAddressAndHeader_IsFilledIn()
    {
        string upstreams = """[{ "name": "a", "address": "[2001:db8::1]:25" }]""";

        Assert.Equal("[2001:db8::1]:26", GivenCheck.Valid(
            GivenCheck.Service("""{ "type": "tcp", "address": "{host}:26" }""", upstreams)).Address!.EndPoint!.ToString());
        Assert.Equal("unix:/run/a.sock", GivenCheck.Valid(
            GivenCheck.Service("""{ "type": "tcp", "address": "unix:/run/{name}.sock" }""", upstreams)).Address!.Text);
        Assert.Equal([new CheckHeader("A", "{\"x\":{y}} a [2001:db8::1] 25")], GivenCheck.Valid(GivenCheck.Service(
            """{ "url": "http://{host}/", "headers": { "A": "{\"x\":{y}} {name} {host} {port}" } }""", upstreams)).Headers);
    }

    [Fact]
    public void Template_OfUpstreamThatCouldNotBeRead_IsNotFilledIn() => Assert.Equal("services[0].upstreams[0].address", Given.OnlyError(
        GivenCheck.Service("""{ "url": "http://{host}/" }""", """[{ "name": "a", "address": "b" }]""")).Message.Split(' ')[0]);
}
