using System.Text;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>What the keys of a check become in the model, and what they are when the file does not give them.</summary>
public sealed class HealthCheckModelTests
{
    [Fact]
    public void Parse_NoHealthCheck_IsNull()
    {
        ServiceConfiguration service = Given.Valid(Given.Service()).Services[0];

        Assert.Null(service.Upstreams[0].HealthCheck);
        Assert.Equal(AllDownSetting.TryInOrder, service.AllDown);
    }

    [Fact]
    public void Parse_SmallestHttpCheck_HasEveryDefault()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Service("""{ "url": "http://{host}:8080/health" }"""));

        Assert.Equal((CheckType.Http, new Uri("http://192.0.2.1:8080/health"), null), (check.Type, check.Url, check.Address));
        Assert.Equal("GET", check.Method);
        Assert.Empty(check.Headers);
        Assert.Empty(check.Content);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15)), (check.Timeout, check.Interval));
        Assert.Equal(new ProbeRule(1, 1, TimeSpan.Zero), check.Probes);
        Assert.Equal([new StatusRange(500, 599)], check.Expect.FailStatus);
        Assert.Null(check.Expect.Body);
        Assert.Equal(new CheckTls(), check.Tls);
        Assert.Equal((CheckProxyHeader.None, true, false), (check.ProxyHeader, check.InitiallyServing, check.ResetOnDown));
    }

    [Fact]
    public void Parse_SmallestTcpCheck_HasEveryDefault()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Service("""{ "type": "tcp" }"""));

        Assert.Equal((CheckType.Tcp, null, null), (check.Type, check.Url, check.Address));
        Assert.Empty(check.Content);
        Assert.Null(check.Expect.Body);
    }

    [Fact]
    public void Parse_KeysOfHttp_AreInTheModel()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Service("""
            {
              "type": "http", "url": "https://{host}:8443/{name}?p={port}", "method": "POST", "headers": { "Host": "{name}.example:{port}", "X-A": "b\tc" },
              "body": "é", "timeout": "1s", "interval": "9s", "probes": { "successes": 2, "failures": 3, "delay": "250ms" },
              "expect": { "failStatus": ["5xx", "404", "410-499"], "body": "OK" }, "tls": { "verify": true, "serverName": "x.example" },
              "proxyHeader": "v2", "initial": "down", "onDown": "reset"
            }
            """));

        Assert.Equal(new Uri("https://192.0.2.1:8443/a?p=25"), check.Url);
        Assert.Equal("POST", check.Method);
        Assert.Equal([new CheckHeader("Host", "a.example:25"), new CheckHeader("X-A", "b\tc")], check.Headers);
        Assert.Equal([0xC3, 0xA9], check.Content);
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9)), (check.Timeout, check.Interval));
        Assert.Equal(new ProbeRule(2, 3, TimeSpan.FromMilliseconds(250)), check.Probes);
        Assert.Equal([new StatusRange(500, 599), new StatusRange(404, 404), new StatusRange(410, 499)], check.Expect.FailStatus);
        Assert.Equal("OK"u8, check.Expect.Body!.Bytes.AsSpan());
        Assert.Equal(new CheckTls { Verify = true, ServerName = "x.example" }, check.Tls);
        Assert.Equal((CheckProxyHeader.V2, false, true), (check.ProxyHeader, check.InitiallyServing, check.ResetOnDown));
    }

    [Fact]
    public void Parse_KeysOfTcp_AreInTheModel()
    {
        HealthCheckConfiguration check = GivenCheck.Valid(GivenCheck.Tcp(
            """ "address": "{host}:8081", "send": "hex:0d0A", "expect": { "body": "hex:ff00" }, "proxyHeader": "v1" """));

        Assert.Equal((CheckType.Tcp, "192.0.2.1:8081"), (check.Type, check.Address!.EndPoint!.ToString()));
        Assert.Equal([0x0D, 0x0A], check.Content);
        Assert.Equal([0xFF, 0x00], check.Expect.Body!.Bytes);
        Assert.Equal(CheckProxyHeader.V1, check.ProxyHeader);
    }

    [Fact]
    public void Parse_TypeNone_IsNoCheckOfAnyKindOfKey() => Assert.Null(Given.Valid(GivenCheck.Service(
        """{ "type": "none", "url": "http://{host}/", "send": "x" }""")).Services[0].Upstreams[0].HealthCheck);

    [Theory]
    [InlineData("/^a+ok$/", "aaok", true)]
    [InlineData("/^a+ok$/", "AOK", false)]
    [InlineData("/^a+ok$/i", "AOK", true)]
    [InlineData("/a/b/", "xa/bx", true)]
    [InlineData("/\\\\d{2}/", "12", true)]
    public void Parse_Expression_MatchesAsWritten(string pattern, string content, bool matches)
    {
        ContentPattern body = GivenCheck.Valid(GivenCheck.Http($"\"expect\": {{ \"body\": \"{pattern}\" }}")).Expect.Body!;

        Assert.Equal(matches, body.Expression!.IsMatch(content));
        Assert.Empty(body.Bytes);
        Assert.Equal(ConfigurationLimits.PatternTimeMax, body.Expression.MatchTimeout);
        Assert.Equal(pattern.Replace("\\\\", "\\"), body.Text);
    }

    [Theory]
    [InlineData("OK")]
    [InlineData("a/b")]
    [InlineData("a.*b")]
    [InlineData("é\n")]
    public void Parse_TextPattern_IsItsBytes(string pattern)
    {
        ContentPattern body =
            GivenCheck.Valid(GivenCheck.Http($"\"expect\": {{ \"body\": \"{pattern.Replace("\n", "\\n")}\" }}")).Expect.Body!;

        Assert.Null(body.Expression);
        Assert.Equal(Encoding.UTF8.GetBytes(pattern), body.Bytes);
    }

    [Fact]
    public void Parse_EmptyPattern_IsNone() => Assert.Null(GivenCheck.Valid(GivenCheck.Http("\"expect\": { \"body\": \"\" }")).Expect.Body);

    [Fact]
    public void Parse_EmptyFailStatus_FailsNone() =>
        Assert.Empty(GivenCheck.Valid(GivenCheck.Http("\"expect\": { \"failStatus\": [] }")).Expect.FailStatus);

    [Fact]
    public void Parse_OneExpressionForManyUpstreams_IsMadeOnce()
    {
        ProxyConfiguration configuration = Given.Valid(GivenCheck.Service("""{ "url": "http://{host}/", "expect": { "body": "/a/" } }""",
            """[{ "address": "a.example:1", "healthCheck": { "timeout": "1s" } }, { "address": "b.example:1","""
            + """ "healthCheck": { "timeout": "2s" } }]"""));

        Assert.Same(configuration.Services[0].Upstreams[0].HealthCheck!.Expect.Body,
            configuration.Services[0].Upstreams[1].HealthCheck!.Expect.Body);
    }
}
