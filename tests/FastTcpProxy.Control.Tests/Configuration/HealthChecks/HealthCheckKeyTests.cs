using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Every key of a check: what it takes at its bounds, and what it refuses.</summary>
public sealed class HealthCheckKeyTests
{
    [Theory]
    [InlineData("\"timeout\": \"1ms\"")]
    [InlineData("\"timeout\": \"1h\", \"interval\": \"1d\"")]
    [InlineData("\"timeout\": \"100ms\", \"interval\": \"100ms\"")]
    [InlineData("\"probes\": {}")]
    [InlineData("\"probes\": { \"delay\": \"0s\" }")]
    [InlineData("\"probes\": { \"delay\": \"1h\" }")]
    [InlineData("\"expect\": {}")]
    [InlineData("\"expect\": { \"failStatus\": [\"1xx\", \"100\", \"599\", \"100-599\", \"200-200\"] }")]
    [InlineData("\"expect\": { \"body\": \"hex:00\" }")]
    [InlineData("\"headers\": {}")]
    [InlineData("\"headers\": { \"x!#$%&'*+-.^_`|~9\": \"\" }")]
    [InlineData("\"headers\": { \"Host\": \"[2001:db8::1]:8080\", \"Accept\": \"a {\\\"b\\\": {x}} c\" }")]
    [InlineData("\"headers\": { \"Content-Type\": \"text/plain\" }, \"body\": \"\"")]
    [InlineData("\"method\": \"HEAD\"")]
    [InlineData("\"method\": \"M-SEARCH\"")]
    [InlineData("\"body\": \"with GET too\"")]
    [InlineData("\"initial\": \"up\", \"onDown\": \"keep\", \"proxyHeader\": \"none\", \"type\": \"http\"")]
    public void Parse_ValidHttpKeys_AreTaken(string keys) => GivenCheck.Valid(GivenCheck.Http(keys));

    [Theory]
    [InlineData("\"tls\": {}")]
    [InlineData("\"tls\": { \"serverName\": \"a_b.example.\" }")]
    [InlineData("\"tls\": { \"serverName\": \"192.0.2.1\" }")]
    [InlineData("\"tls\": { \"serverName\": \"2001:db8::1\" }")]
    public void Parse_ValidTlsKeys_AreTaken(string keys) =>
        GivenCheck.Valid(GivenCheck.Service($$"""{ "url": "https://{host}/", {{keys}} }"""));

    [Theory]
    [InlineData("\"send\": \"\"")]
    [InlineData("\"send\": \"hex:00\"")]
    [InlineData("\"address\": \"health.example:81\"")]
    [InlineData("\"address\": \"{host}:{port}\"")]
    [InlineData("\"address\": \"[2001:db8::1]:81\"")]
    [InlineData("\"address\": \"unix:/run/{name}.sock\"")]
    [InlineData("\"expect\": { \"body\": \"/^220 /\" }")]
    public void Parse_ValidTcpKeys_AreTaken(string keys) => GivenCheck.Valid(GivenCheck.Tcp(keys));

    [Theory]
    [InlineData("\"timeout\": \"0s\"", "C030", "timeout", "zero")]
    [InlineData("\"timeout\": \"3600001ms\"", "C030", "timeout", "from \"1ms\" to \"1h\"")]
    [InlineData("\"interval\": \"99ms\"", "C030", "interval", "too short")]
    [InlineData("\"interval\": \"86401s\"", "C030", "interval", "from \"100ms\" to \"1d\"")]
    [InlineData("\"probes\": { \"successes\": 0 }", "C030", "probes.successes", "from 1 to 100")]
    [InlineData("\"probes\": { \"failures\": 0 }", "C030", "probes.failures", "from 1 to 100")]
    [InlineData("\"probes\": { \"delay\": \"0ms\" }", "C031", "probes.delay", "zero is written \"0s\"")]
    [InlineData("\"probes\": { \"delay\": \"3600001ms\" }", "C030", "probes.delay", "from \"0s\" to \"1h\"")]
    [InlineData("\"probes\": { \"count\": 2 }", "C020", "probes", "expected \"successes\", \"failures\" or \"delay\"")]
    [InlineData("\"probes\": 3", "C022", "probes", "expected an object")]
    [InlineData("\"expect\": { \"failStatus\": \"5xx\" }", "C022", "expect.failStatus", "expected a list")]
    [InlineData("\"expect\": { \"failStatus\": [500] }", "C022", "expect.failStatus[0]", "expected a text in quotes, write \"500\"")]
    [InlineData("\"expect\": { \"failStatus\": [\"6xx\"] }", "C031", "expect.failStatus[0]", "a class such as \"5xx\"")]
    [InlineData("\"expect\": { \"failStatus\": [\"0xx\"] }", "C031", "expect.failStatus[0]", "a class such as \"5xx\"")]
    [InlineData("\"expect\": { \"failStatus\": [\"5XX\"] }", "C031", "expect.failStatus[0]", "write \"5xx\"")]
    [InlineData("\"expect\": { \"failStatus\": [\"099\"] }", "C030", "expect.failStatus[0]", "from 100 to 599")]
    [InlineData("\"expect\": { \"failStatus\": [\"600\"] }", "C030", "expect.failStatus[0]", "from 100 to 599")]
    [InlineData("\"expect\": { \"failStatus\": [\"500-600\"] }", "C030", "expect.failStatus[0]", "from 100 to 599")]
    [InlineData("\"expect\": { \"failStatus\": [\"500-499\"] }", "C030", "expect.failStatus[0]", "the range ends before it begins")]
    [InlineData("\"expect\": { \"failStatus\": [\"4xx-5xx\"] }", "C031", "expect.failStatus[0]", "a range such as")]
    [InlineData("\"expect\": { \"failStatus\": [\"400-450-499\"] }", "C031", "expect.failStatus[0]", "a range such as")]
    [InlineData("\"expect\": { \"failStatus\": [\"404\", \"404-404\"] }", "C034", "expect.failStatus[1]", "expected each value once")]
    [InlineData("\"expect\": { \"body\": \"/a\" }", "C031", "expect.body", "ends with a slash too")]
    [InlineData("\"expect\": { \"body\": \"/\" }", "C031", "expect.body", "ends with a slash too")]
    [InlineData("\"expect\": { \"body\": \"/a/g\" }", "C031", "expect.body", "only i (ignore case) may follow, not \"g\"")]
    [InlineData("\"expect\": { \"body\": \"//\" }", "C031", "expect.body", "the expression is empty")]
    [InlineData("\"expect\": { \"body\": \"/a(b/\" }", "C031", "expect.body",
        "invalid at its character 4: insufficient closing parentheses")]
    [InlineData("\"expect\": { \"body\": \"/[z-a]/\" }", "C031", "expect.body", "invalid at its character")]
    [InlineData("\"expect\": { \"body\": \"/(a)\\\\1/\" }", "C031", "expect.body", "linear time: it has a backreference")]
    [InlineData("\"expect\": { \"body\": \"/a(?=b)/\" }", "C031", "expect.body", "a lookaround")]
    [InlineData("\"expect\": { \"body\": \"/(?<!b)a/\" }", "C031", "expect.body", "a lookaround")]
    [InlineData("\"expect\": { \"body\": \"/(((a{99}){99}){99}){99}/\" }", "C031", "expect.body", "repeats too much")]
    [InlineData("\"expect\": { \"body\": \"hex:\" }", "C031", "expect.body", "no digits follow")]
    [InlineData("\"body\": \"hex:0\"", "C031", "body", "1 digit after \"hex:\", an odd number")]
    [InlineData("\"body\": \"hex:0g\"", "C031", "body", "only hexadecimal digits")]
    [InlineData("\"body\": 1", "C022", "body", "expected a text")]
    [InlineData("\"headers\": [\"Host: a\"]", "C022", "headers", "expected an object in braces of at most 32 headers")]
    [InlineData("\"headers\": { \"a b\": \"c\" }", "C045", "headers", "has the header \"a b\" (no header has such a name")]
    [InlineData("\"headers\": { \"\": \"c\" }", "C045", "headers", "no header has such a name")]
    [InlineData("\"headers\": { \"a\\r\\nb\": \"c\" }", "C045", "headers", "has the header \"a\\u000d\\u000ab\"")]
    [InlineData("\"headers\": { \"content-length\": \"1\" }", "C045", "headers", "the client sets this header by itself")]
    [InlineData("\"headers\": { \"A\": 1 }", "C022", "headers.A", "is the number 1, expected a text")]
    [InlineData("\"headers\": { \"A\": \"b\\r\\nC: d\" }", "C031", "headers.A", "neither visible ASCII nor a space or tab")]
    [InlineData("\"headers\": { \"A\": \"\\u007f\" }", "C031", "headers.A", "neither visible ASCII nor a space or tab")]
    [InlineData("\"headers\": { \"A\": \"é\" }", "C031", "headers.A", "neither visible ASCII nor a space or tab")]
    [InlineData("\"headers\": { \"A\": \" b\" }", "C031", "headers.A", "begins or ends with a space")]
    [InlineData("\"headers\": { \"A\": \"b\\t\" }", "C031", "headers.A", "begins or ends with a space")]
    [InlineData("\"headers\": { \"A\": \"{hots}\" }", "C031", "headers.A", "did you mean {host}?")]
    [InlineData("\"headers\": { \"Host\": \"\" }", "C031", "headers.Host", "the address is missing")]
    [InlineData("\"headers\": { \"host\": \"a/b\" }", "C031", "headers.host", "neither an address nor a DNS name")]
    [InlineData("\"headers\": { \"Host\": \"a:0\" }", "C031", "headers.Host", "port 0 is out of range")]
    [InlineData("\"method\": \"get\"", "C031", "method", "did you mean \"GET\"?")]
    [InlineData("\"method\": \"connect\"", "C031", "method", "asks for a tunnel")]
    [InlineData("\"method\": \"A B\"", "C031", "method", "such as \"GET\"")]
    [InlineData("\"method\": \"\"", "C031", "method", "such as \"GET\"")]
    [InlineData("\"proxyHeader\": \"v3\"", "C032", "proxyHeader", "expected \"none\", \"v1\" or \"v2\"")]
    [InlineData("\"initial\": true", "C022", "initial", "expected \"up\" or \"down\"")]
    [InlineData("\"onDown\": \"close\"", "C032", "onDown", "expected \"keep\" or \"reset\"")]
    [InlineData("\"type\": \"https\"", "C032", "type", "did you mean \"http\"?")]
    [InlineData("\"tls\": true", "C022", "tls", "expected an object")]
    [InlineData("\"port\": 1", "C020", "", "has the unknown key \"port\"")]
    public void Parse_InvalidHttpKey_IsOneError(string keys, string code, string path, string says) =>
        CheckInvalid(GivenCheck.Http(keys), code, path, says);

    [Theory]
    [InlineData("\"serverName\": \"a b\"", "C031", "tls.serverName", "expected a DNS name in ASCII")]
    [InlineData("\"serverName\": \"\"", "C031", "tls.serverName", "expected a DNS name in ASCII")]
    [InlineData("\"serverName\": \"a.example:443\"", "C031", "tls.serverName", "not an IPv6 address")]
    [InlineData("\"serverName\": \"256.0.0.1\"", "C031", "tls.serverName", "not an IPv4 address")]
    [InlineData("\"verify\": \"yes\"", "C022", "tls.verify", "expected true or false")]
    [InlineData("\"verify\": true, \"caFile\": \"\"", "C031", "tls.caFile", "a path must not be empty")]
    [InlineData("\"verify\": true, \"caFile\": \"a\\nb\"", "C031", "tls.caFile", "control character")]
    public void Parse_InvalidTlsKey_IsOneError(string keys, string code, string path, string says) =>
        CheckInvalid(GivenCheck.Service($$"""{ "url": "https://{host}/", "tls": { {{keys}} } }"""), code, path, says);

    [Theory]
    [InlineData("\"address\": \"{host}\"", "C031", "address", "the port is missing")]
    [InlineData("\"address\": \"{hst}:1\"", "C031", "address", "{hst} is not a template, did you mean {host}?")]
    [InlineData("\"address\": \"{host:1\"", "C031", "address", "a brace has no matching brace")]
    [InlineData("\"address\": \"host}:1\"", "C031", "address", "a brace has no matching brace")]
    [InlineData("\"address\": \"a.example:0\"", "C030", "address", "port 0 is out of range")]
    [InlineData("\"address\": \"0.0.0.0:1\"", "C031", "address", "wildcard")]
    [InlineData("\"send\": \"hex:x\"", "C031", "send", "only hexadecimal digits")]
    public void Parse_InvalidTcpKey_IsOneError(string keys, string code, string path, string says) =>
        CheckInvalid(GivenCheck.Tcp(keys), code, path, says);

    [Theory]
    [InlineData("\"Connection\"")]
    [InlineData("\"Content-Length\"")]
    [InlineData("\"Expect\"")]
    [InlineData("\"Keep-Alive\"")]
    [InlineData("\"Proxy-Connection\"")]
    [InlineData("\"TE\"")]
    [InlineData("\"Trailer\"")]
    [InlineData("\"TRANSFER-ENCODING\"")]
    [InlineData("\"Upgrade\"")]
    public void Parse_HeaderOfTheClient_IsRefused(string name) =>
        Assert.Equal("C045", Given.OnlyError(GivenCheck.Http($"\"headers\": {{ {name}: \"x\" }}")).Code);

    [Fact]
    public void Parse_HeaderTwiceInOtherCase_NamesBothPlaces()
    {
        ConfigurationError error = Given.OnlyError(GivenCheck.Http("\n\"headers\": { \"Host\": \"a\",\n  \"host\": \"b\" }"));

        Assert.Equal("test.json:3:3: error C014: header \"host\" is already given as \"Host\" at line 2, "
            + "column 14 (names of headers are not case-sensitive), "
            + "expected each header once", error.ToString());
    }

    [Fact]
    public void Parse_InvalidHeaderValue_IsNotRepeatedForItMayBeASecret() =>
        Assert.DoesNotContain("sesame", Given.OnlyError(GivenCheck.Http("\"headers\": { \"Authorization\": \"open sesame \" }")).Message);

    private static void CheckInvalid(string json, string code, string path, string says)
    {
        ConfigurationError error = Given.OnlyError(json);

        Assert.Equal(code, error.Code);
        Assert.StartsWith($"services[0].healthCheck{(path.Length == 0 ? "" : ".")}{path} ", error.Message);
        Assert.Contains(says, error.Message);
    }
}
