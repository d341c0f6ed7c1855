using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The body of <c>PUT .../override</c>, as a client writes it. Immutable.</summary>
/// <param name="State"><c>enabled</c>, <c>disabled</c> or <c>draining</c>.</param>
/// <param name="Reason">Why; null: none is given.</param>
/// <param name="For">How long it holds, such as <c>30m</c>; null: until somebody ends it.</param>
internal sealed record OverrideRequestDocument(
    string State,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? For);

/// <summary>The body of <c>PUT .../order</c>. Immutable.</summary>
/// <param name="Names">At least one, each once.</param>
/// <param name="Reason">Why; null: none is given.</param>
/// <param name="For">How long it holds; null: until somebody ends it.</param>
internal sealed record OrderRequestDocument(
    ImmutableArray<string> Names,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? For);
