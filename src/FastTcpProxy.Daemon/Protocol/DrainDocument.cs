using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>POST /v1/drain</c>. Immutable.</summary>
/// <param name="Started">Whether this request began it; false: an earlier request applies.</param>
/// <param name="Sessions">How many sessions are still open.</param>
internal sealed record DrainDocument(bool Started, int Sessions);

/// <summary>The body of <c>POST /v1/drain</c>. Immutable.</summary>
/// <param name="Timeout">How long sessions may continue, such as <c>30s</c>; null: <c>engine.drainTimeout</c>.</param>
internal sealed record DrainRequestDocument([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Timeout);
