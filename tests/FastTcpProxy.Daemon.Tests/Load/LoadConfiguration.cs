using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>Writes the configuration of one raw service with several upstreams in order. Immutable; any thread.</summary>
internal static class LoadConfiguration
{
    public static string RawService(IPEndPoint listen, params IPEndPoint[] upstreams)
    {
        var list = new JsonArray();
        for (int i = 0; i < upstreams.Length; i++)
        {
            list.Add(new JsonObject { ["name"] = $"u{i}", ["address"] = upstreams[i].ToString() });
        }
        var service = new JsonObject
        {
            ["name"] = "load",
            ["listen"] = new JsonArray(listen.ToString()),
            ["mode"] = "raw",
            ["upstreams"] = list,
        };
        return JsonSerializer.Serialize(new JsonObject { ["services"] = new JsonArray(service) });
    }
}
