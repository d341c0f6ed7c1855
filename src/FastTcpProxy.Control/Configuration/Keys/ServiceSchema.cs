using FastTcpProxy.Control.Configuration.Keys.HealthChecks;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>
/// What the schema says of a service beside its keys: rules between its check and those of its upstreams, for editors. Constants, any
/// thread.
/// </summary>
internal static class ServiceSchema
{
    /// <summary>The check of an upstream that has no need of its service's URL.</summary>
    private const string NeedsNoUrl = """
        {
          "doNotSuggest": true,
          "anyOf": [
            { "required": ["url"] },
            { "required": ["type"], "properties": { "type": { "not": { "const": "http" }, "doNotSuggest": true } } }
          ]
        }
        """;

    /// <summary>
    /// A check of type http has a URL, its own or its service's: each of the rules reads what the file writes, as
    /// <see cref="HealthCheckResolver"/> reads what it means.
    /// </summary>
    public static string Text { get; } = $$"""
        {
          "defaultSnippets": {{Snippets.OfService}},
          "allOf": [
            { "properties": { "healthCheck": {{HealthCheckSchema.OfService}} } },
            {
              "if": {{WithUpstreams($$"""{ "required": ["healthCheck"], "properties": { "healthCheck": {{NeedsNoUrl}} } }""")}},
              "else": {
                "properties": {
                  "healthCheck": {
                    "doNotSuggest": true,
                    "if": { "properties": { "type": { "const": "http", "doNotSuggest": true } } },
                    "then": { "required": ["url"] }
                  }
                }
              }
            },
            {
              "if": { "required": ["healthCheck"] },
              "else": {{WithUpstreams($$"""{ "properties": { "healthCheck": {{NeedsNoUrl}} } }""")}}
            },
            {
              "if": { "properties": { "healthCheck": { "doNotSuggest": true, "not": { "required": ["url"] } } } },
              "then": {{WithUpstreams("""
                {
                  "properties": {
                    "healthCheck": {
                      "doNotSuggest": true,
                      "if": { "required": ["type"], "properties": { "type": { "const": "http", "doNotSuggest": true } } },
                      "then": { "required": ["url"] }
                    }
                  }
                }
                """)}}
            }
          ]
        }
        """;

    private static string WithUpstreams(string item) =>
        $$"""{ "properties": { "upstreams": { "doNotSuggest": true, "items": {{item}} } } }""";
}
