using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>A request to a running proxy. Immutable.</summary>
/// <param name="Method">GET, PUT, POST or DELETE.</param>
/// <param name="Target">Path and query, percent-encoded: one of <see cref="AdminPaths"/>.</param>
internal sealed record AdminQuestion(HttpMethod Method, string Target)
{
    /// <summary>Null: there is none.</summary>
    public byte[]? Body { get; private init; }

    public string ContentType { get; private init; } = "application/json";

    /// <summary>
    /// The entity tag that the change is made for, with its quotes, as an answer had it; null: the request changes nothing that has one.
    /// </summary>
    public string? IfMatch { get; init; }

    /// <summary>A status beside 200 to 299 that is an answer and no refusal; null: there is none.</summary>
    public int? AlsoTaken { get; init; }

    /// <summary>The service and the upstreams that it is about, as they were typed; null: none.</summary>
    public (string? Service, ImmutableArray<string> Upstreams)? Names { get; init; }

    public static AdminQuestion Get(string target) => new(HttpMethod.Get, target);

    /// <summary>The same with a body in JSON.</summary>
    public AdminQuestion With<T>(T document, JsonTypeInfo<T> shape) =>
        this with { Body = JsonSerializer.SerializeToUtf8Bytes(document, shape) };

    /// <summary>The same, whose text is JSON lines.</summary>
    public AdminQuestion WithLines() => this with { ContentType = "application/x-ndjson" };

    /// <summary>The same with a text as its body.</summary>
    public AdminQuestion WithText(byte[] text) => this with { Body = text, ContentType = "text/plain; charset=utf-8" };
}
