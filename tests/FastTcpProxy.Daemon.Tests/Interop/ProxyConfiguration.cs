using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastTcpProxy.Daemon.Tests.Interop;

/// <summary>Writes the configuration of one service with one upstream. Immutable; any thread.</summary>
internal static class ProxyConfiguration
{
    /// <param name="mode">"proxy-v1", "proxy-v2" or "raw".</param>
    /// <param name="acceptProxy">The text of "acceptProxy" in JSON; left out when null.</param>
    /// <param name="listens">The addresses as the configuration writes them.</param>
    public static string OneService(IPEndPoint upstream, string mode, string? acceptProxy, params string[] listens)
    {
        var service = new JsonObject
        {
            ["name"] = "interop",
            ["listen"] = JsonSerializer.SerializeToNode(listens),
            ["mode"] = mode,
            ["upstreams"] = new JsonArray(new JsonObject { ["name"] = "receiver", ["address"] = upstream.ToString() }),
        };
        if (acceptProxy is not null)
            service["acceptProxy"] = JsonNode.Parse(acceptProxy);
        return new JsonObject { ["services"] = new JsonArray(service) }.ToJsonString();
    }
}
