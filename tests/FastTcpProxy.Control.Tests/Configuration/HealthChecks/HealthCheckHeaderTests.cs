using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>
/// The PROXY header of a check: the one of the mode where both ask the same address and port, unless the check names another.
/// </summary>
public sealed class HealthCheckHeaderTests
{
    [Theory]
    [InlineData("proxy-v2", CheckProxyHeader.V2)]
    [InlineData("proxy-v1", CheckProxyHeader.V1)]
    [InlineData("raw", CheckProxyHeader.None)]
    public void Header_OfACheckThatNamesNone_FollowsTheMode(string mode, CheckProxyHeader expected) =>
        Assert.Equal(expected, Header($$"""{ "type": "tcp" }""", mode: mode));

    [Theory]
    [InlineData("192.0.2.1:25", "\"type\": \"tcp\"", true)]
    [InlineData("192.0.2.1:25", "\"type\": \"tcp\", \"address\": \"192.0.2.1:25\"", true)]
    [InlineData("192.0.2.1:25", "\"type\": \"tcp\", \"address\": \"{host}:{port}\"", true)]
    [InlineData("192.0.2.1:25", "\"type\": \"tcp\", \"address\": \"{host}:26\"", false)]
    [InlineData("192.0.2.1:25", "\"type\": \"tcp\", \"address\": \"192.0.2.2:25\"", false)]
    [InlineData("192.0.2.1:25", "\"type\": \"tcp\", \"address\": \"unix:/run/a.sock\"", false)]
    [InlineData("[2001:DB8::1]:25", "\"type\": \"tcp\", \"address\": \"[2001:db8:0::1]:25\"", true)]
    [InlineData("Mail.Example:25", "\"type\": \"tcp\", \"address\": \"mail.example:25\"", true)]
    [InlineData("unix:/run/a.sock", "\"type\": \"tcp\"", true)]
    [InlineData("unix:/run/a.sock", "\"type\": \"tcp\", \"address\": \"unix:/run/b.sock\"", false)]
    [InlineData("192.0.2.1:80", "\"url\": \"http://192.0.2.1/\"", true)]
    [InlineData("192.0.2.1:80", "\"url\": \"http://{host}:8080/\"", false)]
    [InlineData("192.0.2.1:443", "\"url\": \"https://{host}/\"", true)]
    [InlineData("192.0.2.1:443", "\"url\": \"https://localhost/\"", false)]
    [InlineData("[2001:db8::1]:80", "\"url\": \"http://{host}/\"", true)]
    [InlineData("web.example:80", "\"url\": \"http://WEB.example/\"", true)]
    [InlineData("unix:/run/a.sock", "\"url\": \"http://localhost/\"", false)]
    public void Header_OfACheckElsewhere_IsNone(string upstream, string keys, bool isSame) =>
        Assert.Equal(isSame ? CheckProxyHeader.V2 : CheckProxyHeader.None, Header($"{{ {keys} }}", upstream));

    [Theory]
    [InlineData("none", CheckProxyHeader.None)]
    [InlineData("v1", CheckProxyHeader.V1)]
    [InlineData("v2", CheckProxyHeader.V2)]
    public void Header_ThatTheCheckNames_IsSent(string named, CheckProxyHeader expected)
    {
        Assert.Equal(expected, Header($$"""{ "type": "tcp", "proxyHeader": "{{named}}" }"""));
        Assert.Equal(expected, Header($$"""{ "type": "tcp", "address": "{host}:26", "proxyHeader": "{{named}}" }""", mode: "raw"));
    }

    [Fact]
    public void Header_FollowsTheModeOfItsUpstream()
    {
        ServiceConfiguration service = Given.Valid(GivenCheck.Service("""{ "type": "tcp" }""", """
            [{ "name": "a", "address": "192.0.2.1:25" }, { "name": "b", "address": "192.0.2.2:25", "mode": "raw" },
             { "name": "c", "address": "192.0.2.3:25", "mode": "proxy-v1" }]
            """)).Services[0];

        Assert.Equal([CheckProxyHeader.V2, CheckProxyHeader.None, CheckProxyHeader.V1],
            service.Upstreams.Select(upstream => upstream.HealthCheck!.ProxyHeader));
    }

    [Theory]
    [InlineData("raw", "v2",
        "services[0].healthCheck.proxyHeader is \"v2\", but service \"s\" connects to upstream \"a\" at the same address and port with "
        + "mode \"raw\", so the check can find it up while clients fail, expected no \"proxyHeader\" here (it then follows the mode), or "
        + "\"mode\": \"proxy-v2\" or \"proxy-v1\"")]
    [InlineData("raw", "v1", "services[0].healthCheck.proxyHeader is \"v1\"")]
    [InlineData("proxy-v2", "none",
        "services[0].healthCheck.proxyHeader is \"none\", but service \"s\" connects to upstream \"a\" at the same address and port with "
        + "mode \"proxy-v2\", so the check can find it down while it serves clients, expected no \"proxyHeader\" here (it then follows the "
        + "mode), or \"mode\": \"raw\"")]
    [InlineData("proxy-v1", "none", "services[0].healthCheck.proxyHeader is \"none\"")]
    [InlineData("proxy-v1", "v2", null)]
    [InlineData("proxy-v2", "v1", null)]
    [InlineData("raw", "none", null)]
    public void Header_AgainstTheMode_IsWarned(string mode, string named, string? says)
    {
        var warning = GivenCheck.Warning(Given.Service(
            $$"""
            "mode": "{{mode}}", "healthCheck": { "type": "tcp", "proxyHeader": "{{named}}" }
            """));

        Assert.Equal(says is null ? null : "C114", warning?.Code);
        Assert.StartsWith(says ?? "", warning?.Message ?? "");
    }

    [Fact]
    public void Warning_OfAServicesKey_IsToldOnce()
    {
        ConfigurationResult result = Given.Parse(GivenCheck.Service("""{ "type": "tcp", "proxyHeader": "none" }""", """
            [{ "name": "a", "address": "192.0.2.1:25" }, { "name": "b", "address": "192.0.2.2:25", "healthCheck": { "timeout": "1s" } },
             { "name": "c", "address": "192.0.2.3:25", "healthCheck": { "proxyHeader": "none" } }]
            """));

        Assert.Empty(result.Errors);
        Assert.Equal(["services[0].healthCheck.proxyHeader", "services[0].upstreams[2].healthCheck.proxyHeader"],
            result.Warnings.Where(warning => warning.Code == "C114").Select(warning => warning.Message.Split(' ')[0]).Order());
    }

    [Fact]
    public void Warning_OfACheckElsewhere_IsNotGiven()
    {
        Assert.Null(GivenCheck.Warning(GivenCheck.Tcp("""  "address": "{host}:26", "proxyHeader": "none" """)));
        Assert.Null(GivenCheck.Warning(GivenCheck.Http("\"proxyHeader\": \"v2\"")));
    }

    private static CheckProxyHeader Header(string check, string upstream = "192.0.2.1:25", string mode = "proxy-v2") =>
        Given.Valid(Given.Service(
            $"\"mode\": \"{mode}\", \"healthCheck\": {check}", upstreams: $$"""[{ "name": "a", "address": "{{upstream}}" }]"""))
            .Services[0].Upstreams[0].HealthCheck!.ProxyHeader;
}
