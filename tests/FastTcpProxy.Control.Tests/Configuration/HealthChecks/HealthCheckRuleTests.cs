using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Checks across the keys of a check: what contradicts itself is an error, what will surprise a warning.</summary>
public sealed class HealthCheckRuleTests
{
    [Theory]
    [InlineData("\"timeout\": \"15s\"", null)]
    [InlineData("\"timeout\": \"15001ms\"",
        "a check may take 15001ms (timeout 15001ms) and the next one waits for it, so checks are further apart than the interval of 15s")]
    [InlineData("\"interval\": \"4s\"", "a check may take 5s (timeout 5s)")]
    [InlineData("\"probes\": { \"failures\": 3 }", null)]
    [InlineData("\"probes\": { \"failures\": 2, \"successes\": 2, \"delay\": \"1ms\" }",
        "a check may take 15002ms (3 probes with a timeout of 5s, 1ms apart)")]
    [InlineData("\"probes\": { \"failures\": 2, \"successes\": 2, \"delay\": \"1ms\" }, \"interval\": \"15002ms\"", null)]
    public void Duration_LongerThanTheInterval_IsWarned(string keys, string? says)
    {
        ConfigurationError? warning = GivenCheck.Warning(GivenCheck.Http(keys));

        Assert.Equal(says is null ? null : "C111", warning?.Code);
        Assert.StartsWith(says ?? "", warning?.Message ?? "");
    }

    [Theory]
    [InlineData("http://{host}/", "{ \"verify\": true }", true)]
    [InlineData("http://{host}/", "{}", true)]
    [InlineData("https://{host}/", "{ \"verify\": true }", false)]
    [InlineData("https://{host}/", "{ \"serverName\": \"a.example\" }", false)]
    public void Tls_OfUrlWithoutIt_IsWarned(string url, string tls, bool warned)
    {
        ConfigurationError? warning = GivenCheck.Warning(GivenCheck.Service($$"""{ "url": "{{url}}", "tls": {{tls}} }"""));

        Assert.Equal(warned ? "C110" : null, warning?.Code);
        Assert.StartsWith(warned ? "services[0].healthCheck.tls has no effect, because the URL does not use TLS" : "",
            warning?.Message ?? "");
    }

    [Fact]
    public void Warnings_OfTheService_AreNotRepeatedForUpstreams()
    {
        string json = GivenCheck.Both("""{ "url": "http://{host}/", "tls": { "verify": true }, "timeout": "1s" }""",
            """{ "initial": "down" }""");

        Assert.Equal("services[0].healthCheck.tls", GivenCheck.Warning(json)!.Message.Split(' ')[0]);
    }

    [Fact]
    public void Warnings_OfTheUpstream_StandAtItsOwnKey()
    {
        ConfigurationError warning =
            GivenCheck.Warning(GivenCheck.Both("""{ "type": "tcp", "interval": "10s" }""", "\n{ \"timeout\": \"11s\" }"))!;

        Assert.Equal(("C111", 2, 14), (warning.Code, warning.Line, warning.Column));
    }

    [Fact]
    public void Tls_ThatAnUpstreamDoesNotUse_IsNoMatterOfTheService() => Assert.Null(GivenCheck.Warning(
        GivenCheck.Both("""{ "url": "https://{host}/", "tls": { "verify": true } }""", """{ "url": "http://{host}/" }""")));

    [Theory]
    [InlineData("{ \"url\": \"http://{host}/\", \"send\": \"x\" }",
        "send belongs to a check of type \"tcp\" and this one is of type \"http\"")]
    [InlineData("{ \"url\": \"http://{host}/\", \"address\": \"a:1\" }", "address belongs to a check of type \"tcp\", \"smtp\"")]
    [InlineData("{ \"type\": \"tcp\", \"url\": \"http://{host}/\" }",
        "url belongs to a check of type \"http\" and this one is of type \"tcp\"")]
    [InlineData("{ \"type\": \"tcp\", \"method\": \"GET\" }", "method belongs to a check of type \"http\"")]
    [InlineData("{ \"type\": \"tcp\", \"headers\": {} }", "headers belongs to a check of type \"http\"")]
    [InlineData("{ \"type\": \"tcp\", \"body\": \"x\" }", "body belongs to a check of type \"http\"")]
    [InlineData("{ \"type\": \"tcp\", \"user\": \"a\" }", "user belongs to a check of type \"mysql\" or \"postgresql\"")]
    [InlineData("{ \"type\": \"imap\", \"helo\": \"a\" }", "helo belongs to a check of type \"smtp\" and this one is of type \"imap\"")]
    [InlineData("{ \"type\": \"smtp\", \"expect\": {} }", "expect belongs to a check of type \"http\" or \"tcp\"")]
    [InlineData("{ \"type\": \"postgresql\", \"tls\": {} }", "tls belongs to a check of type \"http\", \"tcp\", \"smtp\"")]
    [InlineData("{ \"type\": \"tcp\", \"expect\": { \"failStatus\": [] } }", "expect.failStatus belongs to a check of type \"http\"")]
    public void Key_OfTheOtherType_IsError(string check, string says)
    {
        ConfigurationError error = Given.OnlyError(GivenCheck.Service(check));

        Assert.Equal("C044", error.Code);
        Assert.StartsWith("services[0].healthCheck." + says, error.Message);
    }

    [Fact]
    public void Type_ThatIsNone_IsTheOnlyMistakeThatIsTold() =>
        Assert.Equal("C032", Given.OnlyError(GivenCheck.Service("""{ "type": "udp", "url": "http://{host}/", "send": "x" }""")).Code);

    [Fact]
    public void Head_WithExpectedBody_IsErrorAtWhatWasSaidLast()
    {
        Assert.StartsWith("services[0].healthCheck.method makes every check fail",
            Given.OnlyError(GivenCheck.Http("\"method\": \"HEAD\", \"expect\": { \"body\": \"OK\" }")).Message);
        ConfigurationError error =
            Given.OnlyError(GivenCheck.Both("""{ "url": "http://{host}/", "method": "HEAD" }""", """{ "expect": { "body": "OK" } }"""));
        Assert.Equal("C048", error.Code);
        Assert.StartsWith("services[0].upstreams[0].healthCheck.expect makes every check fail", error.Message);
    }

    [Theory]
    [InlineData("\"allDown\": \"fail\"", true)]
    [InlineData("\"allDown\": \"fail\", \"healthCheck\": { \"type\": \"none\" }", true)]
    [InlineData("\"allDown\": \"fail\", \"healthCheck\": { \"type\": \"tcp\" }", false)]
    [InlineData("\"allDown\": \"try-in-order\"", false)]
    public void AllDown_WithoutAnyCheck_IsWarned(string keys, bool warned)
    {
        ConfigurationError? warning = GivenCheck.Warning(Given.Service(keys));

        Assert.Equal(warned ? "C110" : null, warning?.Code);
        Assert.StartsWith(warned ? "allDown has no effect" : "", warning?.Message ?? "");
    }
}
