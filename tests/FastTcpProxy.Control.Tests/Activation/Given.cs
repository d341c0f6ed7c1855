using System.Text;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Tests.Activation;

/// <summary>Makes configurations for tests of what is done with them. Pure.</summary>
internal static class Given
{
    /// <summary>The configuration of a text that must be right.</summary>
    public static ProxyConfiguration Configuration(string json)
    {
        ConfigurationResult result = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json");
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    /// <summary>One service with these upstream addresses.</summary>
    public static ProxyConfiguration Upstreams(params string[] addresses) => Configuration(
        $$"""{ "services": [{ "name": "s", "listen": ["127.0.0.1:1"], "upstreams":"""
        + $$""" [{{string.Join(",", addresses.Select(a => $$"""{ "address": "{{a}}" }"""))}}] }] }""");
}
