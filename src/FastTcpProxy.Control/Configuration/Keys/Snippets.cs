namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>What an editor offers to write, as <c>defaultSnippets</c> of VS Code: <c>${1:text}</c> is a place to fill in. Constants, any
/// thread.</summary>
internal static class Snippets
{
    private const string Upstream = """{ "name": "${3:primary}", "address": "${4:192.0.2.10:25}" }""";

    private const string Service = $$"""
        { "name": "${1:mail}", "listen": ["${2:[::]:2525}"], "mode": "proxy-v2", "upstreams": [{{Upstream}}] }
        """;

    /// <summary>Beside the keys of an upstream.</summary>
    public const string OfUpstream = """
        {
          "defaultSnippets": [
            {
              "label": "upstream",
              "description": "A server, by its address and a name for logs and commands.",
              "body": { "name": "${1:primary}", "address": "${2:192.0.2.10:25}" }
            }
          ]
        }
        """;

    /// <summary>A service.</summary>
    public const string OfService = $$"""
        [
          {
            "label": "service",
            "description": "Listens on one address and tells one upstream who each client is (PROXY protocol, version 2).",
            "body": {{Service}}
          }
        ]
        """;

    /// <summary>Beside the keys of the file.</summary>
    public const string OfFile = $$"""
        {
          "defaultSnippets": [
            {
              "label": "configuration with one service",
              "description": "The smallest file that can be used.",
              "body": { "services": [{{Service}}] }
            }
          ]
        }
        """;
}
