using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Control.Tests.Configuration;

/// <summary>Configurations with a health check for tests. Stateless, any thread.</summary>
internal static class GivenCheck
{
    /// <summary>A file whose one service has this <c>healthCheck</c>.</summary>
    public static string Service(string healthCheck, string upstreams = """[{ "name": "a", "address": "192.0.2.1:25" }]""") =>
        Given.Service($"\"healthCheck\": {healthCheck}", upstreams: upstreams);

    /// <summary>A service whose HTTP check has these keys beside its URL.</summary>
    public static string Http(string keys) => Service($$"""{ "url": "http://{host}:8080/health", {{keys}} }""");

    /// <summary>A service whose TCP check has these keys.</summary>
    public static string Tcp(string keys) => Service($$"""{ "type": "tcp", {{keys}} }""");

    /// <summary>A service with a check and one upstream with its own.</summary>
    public static string Both(string service, string upstream) =>
        Service(service, $$"""[{ "name": "a", "address": "192.0.2.1:25", "healthCheck": {{upstream}} }]""");

    /// <summary>The check of the first upstream of a valid file.</summary>
    public static HealthCheckConfiguration Valid(string json) => Given.Valid(json).Services[0].Upstreams[0].HealthCheck!;

    /// <summary>The only warning of a file without errors, or null.</summary>
    public static ConfigurationError? Warning(string json)
    {
        ConfigurationResult result = Given.Parse(json);
        Assert.Empty(result.Errors);
        return result.Warnings.SingleOrDefault();
    }
}
