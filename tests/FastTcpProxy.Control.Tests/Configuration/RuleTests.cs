using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// Checks across keys: what contradicts itself is an error, what will surprise a warning, at the place that is to be changed.
/// </summary>
public sealed class RuleTests
{
    private const string Two = """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "b", "address": "192.0.2.2:1" }]""";
    private const string Three =
        """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "b", "address": "192.0.2.2:1" }, { "name": "c","""
        + """ "address": "192.0.2.3:1" }]""";

    [Fact]
    public void Names_DuplicateService_NamesBothPlaces()
    {
        ConfigurationError error =
            Given.OnlyError("{ \"services\": [\n" + OneOf("s", "127.0.0.1:1") + ",\n" + OneOf("s", "127.0.0.1:2") + "] }");

        Assert.Equal("test.json:3:11: error C040: the name \"s\" belongs to another service at line 2, column 11, expected a unique name",
            error.ToString());
    }

    [Fact]
    public void Names_DuplicateUpstream_IsErrorInOneServiceOnly()
    {
        Assert.Equal("C040", Given.OnlyError(Given.Service(upstreams: Two.Replace("\"b\"", "\"a\""))).Code);
        Assert.Equal("C040",
            Given.OnlyError(Given.Service(upstreams: """[{ "address": "a.example:1" }, { "address": "a.example:1" }]""")).Code);
        Assert.Equal("C040", Given.OnlyError(Given.Service(upstreams: """[{ "address": "a.example:1" }, { "name": "x", "address":"""
            + """ "b.example:1" }, { "name": "x", "address": "c.example:1" }]""")).Code);
        Given.Valid("{ \"services\": [" + OneOf("s", "127.0.0.1:1") + ", " + OneOf("t", "127.0.0.1:2") + "] }");
    }

    [Theory]
    [InlineData("127.0.0.1:1", "127.0.0.1:1", "C041")]
    [InlineData("[::1]:1", "[0:0::1]:1", "C041")]
    [InlineData("0.0.0.0:1", "0.0.0.0:1", "C041")]
    [InlineData("unix:/run/a", "unix:/run/a", "C041")]
    [InlineData("0.0.0.0:1", "127.0.0.1:1", "C042")]
    [InlineData("127.0.0.1:1", "0.0.0.0:1", "C042")]
    [InlineData("[::]:1", "[::1]:1", "C042")]
    [InlineData("[::]:1", "127.0.0.1:1", "C042")]
    [InlineData("127.0.0.1:1", "127.0.0.1:2", null)]
    [InlineData("127.0.0.1:1", "127.0.0.2:1", null)]
    [InlineData("0.0.0.0:1", "[::]:1", null)]
    [InlineData("0.0.0.0:1", "[::1]:1", null)]
    [InlineData("unix:/run/a", "unix:/run/b", null)]
    public void Listen_TwoAddresses_OverlapOrNot(string first, string second, string? code)
    {
        string oneService = Given.Service(listen: $"[\"{first}\", \"{second}\"]");
        string twoServices = "{ \"services\": [" + OneOf("s", first) + ", " + OneOf("t", second) + "] }";

        foreach (string json in new[] { oneService, twoServices })
        {
            if (code is null)
                Given.Valid(json);
            else
                Assert.Equal(code, Given.OnlyError(json).Code);
        }
    }

    [Fact]
    public void Listen_Overlap_NamesTheWildcardAndItsPlace()
    {
        ConfigurationError error =
            Given.OnlyError("{ \"services\": [\n" + OneOf("s", "127.0.0.1:1") + ",\n" + OneOf("t", "[::]:1") + "] }");

        Assert.Equal("test.json:2:27: error C042: \"[::]:1\" at line 3, column 27 takes the connections of "
            + "\"127.0.0.1:1\" too, expected one of the two",
            error.ToString());
    }

    [Theory]
    [InlineData("\"[::]:1\"", new[] { true })]
    [InlineData("\"[::]:1\", \"0.0.0.0:2\"", new[] { true, false })]
    [InlineData("\"[::]:1\", \"0.0.0.0:1\"", new[] { false, false })]
    [InlineData("\"[::1]:1\", \"127.0.0.1:1\"", new[] { false, false })]
    public void Listen_Ipv6Wildcard_IsDualStackWhenAlone(string listen, bool[] dualStack) =>
        Assert.Equal(dualStack, Given.Valid(Given.Service(listen: $"[{listen}]")).Services[0].Listen.Select(address => address.DualStack));

    [Theory]
    [InlineData("127.0.0.1:1", "127.0.0.1:1", true)]
    [InlineData("0.0.0.0:1", "127.0.0.1:1", true)]
    [InlineData("[::]:1", "127.0.0.1:1", true)]
    [InlineData("[::]:1", "[::1]:1", true)]
    [InlineData("unix:/run/a", "unix:/run/a", true)]
    [InlineData("0.0.0.0:1", "[::1]:1", false)]
    [InlineData("0.0.0.0:1", "127.0.0.1:2", false)]
    [InlineData("0.0.0.0:1", "192.0.2.1:1", false)]
    [InlineData("unix:/run/a", "unix:/run/b", false)]
    [InlineData("127.0.0.1:1", "localhost:1", false)]
    public void Upstream_OwnListener_IsError(string listen, string upstream, bool isError)
    {
        string json = Given.Service(listen: $"[\"{listen}\"]", upstreams: $$"""[{ "name": "u", "address": "{{upstream}}" }]""");

        if (isError)
            Assert.Equal("C043", Given.OnlyError(json).Code);
        else
            Given.Valid(json);
    }

    [Fact]
    public void Upstream_ListenerOfAnotherService_IsAChain() => Given.Valid(
        "{ \"services\": [" + OneOf("s", "0.0.0.0:1", "127.0.0.1:2") + ", " + OneOf("t", "127.0.0.1:2") + "] }");

    [Theory]
    [InlineData("\"connectTimeout\": \"5s\"", Three, "C101",
        "a client may wait 15s for 3 silent upstreams, 5s for each, expected at most 10s: "
        + "lower connectTimeout or set totalConnectTimeout")]
    [InlineData("", Three, "C101", "a client may wait 15s")]
    [InlineData("\"connectTimeout\": \"5s\"", Two, null, "")]
    [InlineData("\"connectTimeout\": \"5001ms\"", Two, "C101", "a client may wait 10002ms")]
    [InlineData("\"totalConnectTimeout\": \"10s\"", Three, null, "")]
    [InlineData("\"totalConnectTimeout\": \"11s\"", Three, "C101", "a client may wait 11s")]
    [InlineData("\"totalConnectTimeout\": \"5s\"", Two, "C102",
        "totalConnectTimeout (5s) expires during the wait for the first silent upstream (connectTimeout is 5s)")]
    [InlineData("\"totalConnectTimeout\": \"5s\", \"hedge\": true", Two, null, "")]
    [InlineData("\"totalConnectTimeout\": \"1s\", \"hedge\": true", Two, "C102",
        "totalConnectTimeout (1s) expires during the wait for the first silent upstream (hedge.delayMax is 1s)")]
    [InlineData("\"totalConnectTimeout\": \"5001ms\"", Two, null, "")]
    [InlineData("\"acceptProxy\": { \"from\": [\"0.0.0.0/0\"] }", Two, "C103", "services[0].acceptProxy.from[0] is \"0.0.0.0/0\"")]
    [InlineData("\"acceptProxy\": { \"from\": [\"10.0.0.0/8\", \"::/0\"] }", Two, "C103", "services[0].acceptProxy.from[1] is \"::/0\"")]
    [InlineData("\"acceptProxy\": { \"from\": [\"10.0.0.0/8\"] }", Two, null, "")]
    [InlineData("", """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "b", "address": "192.0.2.1:1" }]""", "C104",
        "upstream \"a\" has the address")]
    [InlineData("", """[{ "name": "a", "address": "A.example:1" }, { "name": "b", "address": "a.example:1" }]""", "C104",
        "upstream \"a\" has the address")]
    [InlineData("", """[{ "name": "a", "address": "unix:/run/A" }, { "name": "b", "address": "unix:/run/a" }]""", null, "")]
    [InlineData("\"mode\": \"raw\"", """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "b", "address":"""
        + """ "192.0.2.2:1", "mode": "proxy-v1" }]""", "C105", "upstream \"a\" is not told")]
    [InlineData("", """[{ "name": "a", "address": "192.0.2.1:1" }, { "name": "b", "address": "192.0.2.2:1", "mode": "raw" }]""", "C105",
        "upstream \"b\" is not told")]
    [InlineData("\"mode\": \"raw\"", Two, null, "")]
    [InlineData("\"mode\": \"proxy-v1\", \"acceptProxy\": { \"from\": [\"10.0.0.0/8\"], \"passTlvs\": [\"alpn\"] }", Two, "C106",
        "passTlvs has no effect")]
    [InlineData("\"mode\": \"raw\", \"acceptProxy\": { \"from\": [\"10.0.0.0/8\"], \"crc32c\": true }", Two, "C106",
        "crc32c has no effect")]
    [InlineData("\"acceptProxy\": { \"from\": [\"10.0.0.0/8\"], \"crc32c\": true, \"passTlvs\": [\"alpn\"] }", Two, null, "")]
    [InlineData("\"idleTimeout\": \"60s\"", Two, "C107", "idleTimeout (1m) closes a session before the first keep-alive probe (after 1m)")]
    [InlineData("\"idleTimeout\": \"61s\"", Two, null, "")]
    [InlineData("\"maxSessions\": 65537", Two, "C108", "maxSessions 65537 is above engine.maxSessions 65536")]
    [InlineData("\"maxSessions\": 65536", Two, null, "")]
    public void Warnings_OfWhatSurprises(string keys, string upstreams, string? code, string says)
    {
        ConfigurationResult result = Given.Parse(Given.Service(keys, upstreams: upstreams));

        Assert.NotNull(result.Configuration);
        Assert.Equal(code, result.Warnings.SingleOrDefault()?.Code);
        if (code is not null)
        {
            Assert.Equal(ConfigurationSeverity.Warning, result.Warnings[0].Severity);
            Assert.StartsWith(says, result.Warnings[0].Message);
            Assert.Contains($": warning {code}: ", result.Warnings[0].ToString());
        }
    }

    [Fact]
    public void Warnings_StandAtTheKeyThatIsToBeChanged()
    {
        ConfigurationResult result = Given.Parse(Given.Service("\n\"maxSessions\": 99999,\n\"connectTimeout\": \"9s\"", upstreams: Two));

        Assert.Equal([(2, 16, "C108"), (3, 19, "C101")], result.Warnings.Select(warning => (warning.Line, warning.Column, warning.Code)));
    }

    private static string OneOf(string name, string listen, string upstream = "192.0.2.1:1") =>
        $$"""{ "name": "{{name}}", "listen": ["{{listen}}"], "upstreams": [{ "address": "{{upstream}}" }] }""";
}
