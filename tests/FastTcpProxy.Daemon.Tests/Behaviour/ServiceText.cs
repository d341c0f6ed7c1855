namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>
/// Writes the configuration of one service "s" whose upstreams are named a, b, c in their order. Immutable; any thread; it holds nothing.
/// </summary>
internal static class ServiceText
{
    /// <param name="listen">End points, or texts as they stand in the file.</param>
    /// <param name="upstreams">The same.</param>
    /// <param name="keys">More keys of the service, as they stand in the file.</param>
    /// <param name="engine">The keys of "engine".</param>
    public static string Of(object[] listen, object[] upstreams, string mode = "raw", string keys = "", string engine = "") => $$"""
        {
          "services": [{{Service("s", listen, upstreams, mode, keys)}}],
          "engine": { {{engine}} },
        }
        """;

    /// <summary>The same with one listener.</summary>
    public static string Of(object listen, object[] upstreams, string mode = "raw", string keys = "", string engine = "") =>
        Of([listen], upstreams, mode, keys, engine);

    /// <summary>One service, for a file that has several.</summary>
    public static string Service(string name, object[] listen, object[] upstreams, string mode = "raw", string keys = "") => $$"""
        {
          "name": "{{name}}",
          "listen": [{{string.Join(", ", listen.Select(address => $"\"{address}\""))}}],
          "mode": "{{mode}}",
          "upstreams": [{{string.Join(", ", upstreams.Select((address, i) => $$"""{ "name": "{{(char)('a' + i)}}", "address": "{{address}}" }"""))}}],
          {{keys}}
        }
        """;

    /// <summary>A path as an address.</summary>
    public static string Unix(string path) => "unix:" + path;
}
