using System.Net;

namespace FastTcpProxy.Daemon.Tests.Running;

/// <summary>Configurations of the running program's tests. Pure.</summary>
internal static class Given
{
    /// <summary>One service in raw mode.</summary>
    public static string Service(IPEndPoint listen, IPEndPoint upstream, string engine = "{}") =>
        $$"""
        { "services": [{ "name": "s", "listen": ["{{listen}}"], "mode": "raw", "upstreams": [{ "name": "u", "address": "{{upstream}}" }] }],
          "engine": {{engine}} }
        """;
}
