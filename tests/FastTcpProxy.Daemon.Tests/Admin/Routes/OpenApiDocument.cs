using System.Text.Json;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Testing.Json;

namespace FastTcpProxy.Daemon.Tests.Admin.Routes;

/// <summary>The description of the interface, which every answer of these tests is held against. Immutable, any thread.</summary>
internal sealed class OpenApiDocument
{
    /// <summary>What any route may answer, as the description says once for all.</summary>
    private static readonly int[] Everywhere = [400, 401, 403, 404, 405, 408, 413, 500];

    private readonly JsonElement _root;

    private OpenApiDocument(JsonElement root) => _root = root;

    /// <summary>The one in the program.</summary>
    public static OpenApiDocument Current { get; } = Read();

    public JsonElement Paths => _root.GetProperty("paths");

    /// <summary>Every route as "GET /v1/status".</summary>
    public IEnumerable<string> Routes => Paths.EnumerateObject()
        .SelectMany(path => path.Value.EnumerateObject().Select(operation => $"{operation.Name.ToUpperInvariant()} {path.Name}"));

    /// <summary>Fails where the answer is not one that is described.</summary>
    public void AssertDescribes(HttpMethod method, string target, int status, string? type, string body)
    {
        JsonElement responses = Paths.GetProperty(Find(target)).GetProperty(method.Method.ToLowerInvariant()).GetProperty("responses");
        string what = $"{method} {target}: {status} {type} {body}";
        if (!responses.TryGetProperty($"{status}", out JsonElement response))
        {
            Assert.True(Everywhere.Contains(status), what);
            AssertIs(_root.GetProperty("components").GetProperty("schemas").GetProperty("Problem"), body, what);
            return;
        }
        Assert.True(response.GetProperty("content").TryGetProperty(type ?? "", out JsonElement content), what);
        if (type != "text/plain") AssertIs(content.GetProperty("schema"), body, what);
    }

    private static OpenApiDocument Read()
    {
        using Stream stream = typeof(Refusal).Assembly.GetManifestResourceStream("openapi.json")!;
        return new OpenApiDocument(JsonDocument.Parse(stream).RootElement);
    }

    private void AssertIs(JsonElement schema, string body, string what)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        Assert.True(SchemaValidator.Violation(_root, schema, document.RootElement, isClosed: true) is null,
            $"{SchemaValidator.Violation(_root, schema, document.RootElement, isClosed: true)}\n{what}");
    }

    private string Find(string target)
    {
        string[] segments = target.Split('?')[0].Split('/');
        // The literal one before the one with a parameter.
        return Paths.EnumerateObject().Select(p => p.Name).OrderBy(p => p.Count(c => c == '{')).First(path =>
            path.Split('/') is { } wanted && wanted.Length == segments.Length
            && wanted.Zip(segments).All(pair => pair.First.StartsWith('{') || pair.First == pair.Second));
    }
}
