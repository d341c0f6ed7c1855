namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>
/// What <see cref="HealthCheckRules"/> says across the keys of one check, for editors. An upstream's check may have its type, and keys of
/// its type, from its service: what it does not write itself is not judged here. Constants, any thread.
/// </summary>
internal static class HealthCheckSchema
{
    private static string FailStatusOfTcp { get; } = $$"""
        ,
        "{{HealthCheckKeys.Expect.Name}}": {
          "doNotSuggest": true,
          "properties": { "{{CheckExpectationKeys.FailStatus.Name}}": false },
          "errorMessage": "failStatus belongs to a check of type \"http\", and this one is of type \"tcp\"."
        }
        """;

    /// <summary>A check, of an upstream or of all upstreams of a service.</summary>
    private const string Offered = """
        [
          {
            "label": "HTTP check",
            "description": "A request every 15 seconds; an answer 5xx, or none within 5 seconds, fails it.",
            "body": { "url": "http://{host}:${1:8080}/${2:health}" }
          },
          {
            "label": "HTTPS check with a verified certificate",
            "description": "A request over TLS to a server whose certificate is for this name.",
            "body": { "url": "https://{host}:${1:8443}/${2:health}", "tls": { "verify": true, "serverName": "${3:mail.example}" } }
          },
          {
            "label": "TCP check",
            "description": "A connection to the upstream's address every 15 seconds.",
            "body": { "type": "tcp" }
          }
        ]
        """;

    /// <summary>Beside the keys of any <c>healthCheck</c>: rules for one that writes its type.</summary>
    public static string Text { get; } = $$"""{ "allOf": {{Rules("""["type"]""")}}, "defaultSnippets": {{Offered}} }""";

    /// <summary>For the <c>healthCheck</c> of a service, which is of type http where it writes none, and inherits nothing.</summary>
    public static string OfService { get; } = $$"""
        {
          "doNotSuggest": true,
          "allOf": {{Rules("[]")}},
          "properties": { "tls": { "doNotSuggest": true, "dependentRequired": { "keyFile": ["certFile"] } } }
        }
        """;

    private static string Rules(string required) => $$"""
        [
          {{string.Join(",\n  ", HealthCheckRules.OtherKeys.Select(entry => OfType(entry.Type, entry.Others, required)))}},
          {
            "if": { "required": ["steps"] },
            "then": {
              "properties": { "send": false, "expect": false },
              "errorMessage": "steps replaces this key. Expected a step for it, or no steps."
            }
          },
          {
            "if": {
              "required": {{required.Replace("]", required.Length > 2 ? ", \"method\"]" : "\"method\"]", StringComparison.Ordinal)}},
              "properties": {
                "type": { "const": "http", "doNotSuggest": true },
                "method": { "const": "HEAD", "doNotSuggest": true }
              }
            },
            "then": {
              "properties": {
                "expect": {
                  "doNotSuggest": true,
                  "properties": {
                    "body": {
                      "doNotSuggest": true,
                      "pattern": "^$",
                      "patternErrorMessage": "The answer to HEAD has no body. Expected another method or no expect.body."
                    }
                  }
                }
              }
            }
          }
        ]
        """;

    /// <summary>A check that writes no type is one of type http, where that is known.</summary>
    private static string OfType(string type, IEnumerable<string> others, string required) => $$"""
        {
            "if": {
              "required": {{(type == "http" ? required : """["type"]""")}},
              "properties": { "type": { "const": "{{type}}", "doNotSuggest": true } }
            },
            "then": {
              "properties": {
                {{string.Join(", ", others.Select(key => $"\"{key}\": false"))}}{{(type == "tcp" ? FailStatusOfTcp : "")}}
              },
              "errorMessage": "This key belongs to a check of another type, and this one is of type \"{{type}}\"."
            }
          }
        """;
}
