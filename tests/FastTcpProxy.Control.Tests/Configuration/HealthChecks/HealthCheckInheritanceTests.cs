using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// An upstream's own keys replace those of its service one by one, and mistakes are told once, where they were made.
/// </summary>
public sealed class HealthCheckInheritanceTests
{
    private const string Service = """
        {
          "url": "https://{host}:8080/health", "method": "POST", "headers": { "Host": "mail.example", "X-A": "1", "X-B": "2" }, "body": "x",
          "timeout": "1s", "interval": "9s", "probes": { "successes": 2, "failures": 3, "delay": "10ms" },
          "expect": { "failStatus": ["404"], "body": "OK" }, "tls": { "verify": true, "serverName": "x.example" },
          "proxyHeader": "v1", "initial": "down", "onDown": "reset"
        }
        """;

    [Fact]
    public void Upstream_WithEmptyCheck_HasTheOneOfTheService()
    {
        HealthCheckConfiguration inherited = GivenCheck.Valid(GivenCheck.Both(Service, "{}"));
        HealthCheckConfiguration own = GivenCheck.Valid(GivenCheck.Service(Service));

        Assert.Equal(own.Headers, inherited.Headers);
        Assert.Equal(own.Content, inherited.Content);
        Assert.Equal(own.Expect.FailStatus, inherited.Expect.FailStatus);
        Assert.Equal(own.Expect.Body!.Bytes, inherited.Expect.Body!.Bytes);
        Assert.Equal(own with { Headers = [], Content = [], Expect = inherited.Expect },
            inherited with { Headers = [], Content = [] });
    }

    [Fact]
    public void Upstream_KeysOfObjects_ReplaceSingleOnes()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Both(Service, """
            { "timeout": "2s", "headers": { "x-a": "9", "X-C": "3" }, "probes": { "failures": 5 }, "expect": { "failStatus": [] }, "tls": { "verify": false } }
            """));

        Assert.Equal([new CheckHeader("Host", "mail.example"), new CheckHeader("x-a", "9"), new CheckHeader("X-B", "2"),
            new CheckHeader("X-C", "3")],
            check.Headers);
        Assert.Equal(new ProbeRule(2, 5, TimeSpan.FromMilliseconds(10)), check.Probes);
        Assert.Empty(check.Expect.FailStatus);
        Assert.Equal("OK", check.Expect.Body!.Text);
        Assert.Equal(new CheckTls { Verify = false, ServerName = "x.example" }, check.Tls);
        Assert.Equal((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9), "POST"), (check.Timeout, check.Interval, check.Method));
    }

    [Fact]
    public void Upstream_OfAnotherType_InheritsWhatBothTypesHave()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Both(Service, """{ "type": "tcp", "send": "PING" }"""));

        Assert.Equal((CheckType.Tcp, null, null), (check.Type, check.Url, check.Address));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9), 3), (check.Timeout, check.Interval, check.Probes.Failures));
        Assert.Equal("PING"u8, check.Content.Items.AsSpan());
        Assert.Equal((CheckProxyHeader.V1, false, true), (check.ProxyHeader, check.InitiallyServing, check.ResetOnDown));
        // What an HTTP body holds says nothing about what another protocol answers.
        Assert.Null(check.Expect.Body);
        Assert.Empty(check.Headers);
    }

    [Fact]
    public void Upstream_OfTypeTcp_MayBecomeHttp()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Both(
            """{ "type": "tcp", "address": "{host}:1", "send": "x", "interval": "9s" }""",
            """{ "type": "http", "url": "http://{host}/" }"""));

        Assert.Equal((CheckType.Http, null, 0, TimeSpan.FromSeconds(9)), (check.Type, check.Address, check.Content.Length, check.Interval));
    }

    [Fact]
    public void Upstream_OfTypeNone_IsNotChecked()
    {
        ProxyConfiguration configuration = Given.Valid(GivenCheck.Service("""{ "url": "http://{host}/" }""",
            """[{ "address": "unix:/run/x", "healthCheck": { "type": "none" } }, { "address": "192.0.2.1:1" }]"""));

        Assert.Equal([false, true], configuration.Services[0].Upstreams.Select(upstream => upstream.HealthCheck is not null));
    }

    [Fact]
    public void Service_OfTypeNone_LetsUpstreamsChooseTheirs()
    {
        ProxyConfiguration configuration =
            Given.Valid(GivenCheck.Service("""{ "type": "none", "url": "http://{host}/", "send": "x", "expect": { "body": "OK" } }""",
            """
            [
              { "address": "192.0.2.1:1" }, { "address": "192.0.2.2:1", "healthCheck": { "type": "http" } },
              { "address": "192.0.2.3:1", "healthCheck": { "type": "tcp" } }
            ]
            """));
        HealthCheckConfiguration?[] checks = [.. configuration.Services[0].Upstreams.Select(upstream => upstream.HealthCheck)];

        Assert.Null(checks[0]);
        Assert.Equal((new Uri("http://192.0.2.2/"), "OK", 0), (checks[1]!.Url, checks[1]!.Expect.Body!.Text, checks[1]!.Content.Length));
        Assert.Equal((CheckType.Tcp, "OK", 1), (checks[2]!.Type, checks[2]!.Expect.Body!.Text, checks[2]!.Content.Length));
    }

    [Fact]
    public void Upstream_CheckWithoutOneOfTheService_StandsAlone()
    {
        ProxyConfiguration configuration = Given.Valid(Given.Service(
            upstreams: """[{ "address": "192.0.2.1:1", "healthCheck": { "type": "tcp" } }, { "address": "192.0.2.2:1" }]"""));

        Assert.Equal([CheckType.Tcp, null], configuration.Services[0].Upstreams.Select(upstream => upstream.HealthCheck?.Type));
    }

    [Fact]
    public void Upstream_ModeOfService_IsStillInherited() => Assert.Equal(HeaderMode.Raw, Given.Valid(Given.Service(
        "\"mode\": \"raw\"",
        upstreams: """[{ "address": "a.example:1", "healthCheck": { "type": "tcp" } }]""")).Services[0].Upstreams[0].Mode);

    [Fact]
    public void Url_IsNeededWhereNeitherGivesOne()
    {
        const string Two = """[{ "address": "192.0.2.1:1", "healthCheck": { "url": "http://{host}/" } }, { "address": "192.0.2.2:1" }, """
            + """{ "address": "192.0.2.3:1" }]""";

        Given.Valid(GivenCheck.Both("""{ "interval": "9s" }""", """{ "url": "http://{host}/" }"""));
        ConfigurationError ofService = Given.OnlyError(GivenCheck.Service("{}", Two));
        Assert.Equal(("C021", "services[0].healthCheck has no key \"url\", expected it, for example \"url\": "
            + "\"http://{host}:8080/health\""),
            (ofService.Code, ofService.Message));
        Assert.StartsWith("services[0].upstreams[0].healthCheck has no key \"url\"", Given.OnlyError(GivenCheck.Both("{}", "{}")).Message);
        Assert.Equal("C021", Given.OnlyError(GivenCheck.Both("""{ "type": "tcp" }""", """{ "type": "http" }""")).Code);
    }

    [Fact]
    public void Mistakes_OfTheService_AreToldOnceHoweverManyUpstreamsInheritThem()
    {
        ConfigurationResult result =
            Given.Parse(GivenCheck.Service("\n{ \"type\": \"tcp\", \"timeout\": \"0s\", \"send\": 1, \"url\": \"http://{host}/\" }", """
            [
              { "address": "192.0.2.1:1", "healthCheck": {} }, { "address": "192.0.2.2:1", "healthCheck": { "send": "x" } },
              { "address": "192.0.2.3:1", "healthCheck": { "interval": 5, "method": "GET" } }
            ]
            """));

        Assert.Equal(["services[0].upstreams[2].healthCheck.interval", "services[0].upstreams[2].healthCheck.method",
            "services[0].healthCheck.timeout",
            "services[0].healthCheck.send", "services[0].healthCheck.url"], result.Errors.Select(error => error.Message.Split(' ')[0]));
    }

    [Fact]
    public void Mistakes_OfTheServicesType_SayNothingOfTheUpstreamsKeys()
    {
        ConfigurationResult result = Given.Parse(GivenCheck.Both("""{ "type": "tpc" }""", """{ "send": "x", "timeout": "0s" }"""));

        Assert.Equal(["services[0].upstreams[0].healthCheck.timeout", "services[0].healthCheck.type"],
            result.Errors.Select(error => error.Message.Split(' ')[0]));
    }

    [Theory]
    [InlineData("5", "C022", "services[0].upstreams[0].healthCheck is the number 5, expected an object")]
    [InlineData("{ \"headers\": 1 }", "C022", "services[0].upstreams[0].healthCheck.headers is the number 1")]
    [InlineData("{ \"headers\": { \"Expect\": \"x\" } }", "C045", "services[0].upstreams[0].healthCheck.headers has the header \"Expect\"")]
    [InlineData("{ \"probes\": { \"failures\": 0 } }", "C030", "services[0].upstreams[0].healthCheck.probes.failures is 0")]
    [InlineData("{ \"wrong\": 0 }", "C020", "services[0].upstreams[0].healthCheck has the unknown key \"wrong\"")]
    [InlineData("{ \"send\": \"x\" }", "C044", "services[0].upstreams[0].healthCheck.send belongs to a check of type \"tcp\"")]
    [InlineData("{ \"type\": \"tcp\", \"method\": \"GET\" }", "C044",
        "services[0].upstreams[0].healthCheck.method belongs to a check of type \"http\"")]
    [InlineData("{ \"type\": \"tcp\", \"expect\": { \"failStatus\": [] } }", "C044",
        "services[0].upstreams[0].healthCheck.expect.failStatus belongs to")]
    public void Mistakes_OfTheUpstream_StandInIt(string own, string code, string says)
    {
        ConfigurationError error = Given.OnlyError(GivenCheck.Both(Service, own));

        Assert.Equal(code, error.Code);
        Assert.StartsWith(says, error.Message);
    }

    [Fact]
    public void Mistakes_WithAServiceThatIsNoObject_AreToldInBoth()
    {
        ConfigurationResult result = Given.Parse(GivenCheck.Both("[]", """{ "timeout": 1 }"""));

        Assert.Equal(["services[0].upstreams[0].healthCheck.timeout", "services[0].healthCheck"],
            result.Errors.Select(error => error.Message.Split(' ')[0]));
    }
}
