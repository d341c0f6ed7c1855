using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>What an operator has set for an upstream, or the order that one has set for a service. Immutable.</summary>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Author">Who.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
/// <param name="Warning">The warning when no upstream is up after the change; otherwise absent.</param>
internal sealed record OverrideDocument(
    string Reason,
    string Author,
    DateTime At,
    DateTime? Expires,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Warning = null)
{
    /// <summary><c>enabled</c>, <c>disabled</c> or <c>draining</c>; absent for an order.</summary>
    [JsonPropertyOrder(-1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }

    /// <summary>The upstreams that are tried first; the others follow as they are configured. Absent for an upstream.</summary>
    [JsonPropertyOrder(-1)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Names { get; init; }
}

/// <summary>The body of <c>PUT .../override</c> and <c>PUT .../order</c>, as a client writes it. Immutable.</summary>
/// <param name="Reason">Why; null: none is given.</param>
/// <param name="For">How long it holds, such as <c>30m</c>; null: until an operator ends it.</param>
internal sealed record OverrideRequestDocument(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? For)
{
    /// <summary><c>enabled</c>, <c>disabled</c> or <c>draining</c>; null for an order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? State { get; init; }

    /// <summary>At least one, each once; null for an upstream.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<string>? Names { get; init; }
}

/// <summary>The answer to a change that has ended an override or an order and leaves no upstream up; where one is up the answer is null. Immutable.</summary>
/// <param name="Warning">What the service is left with, for people.</param>
internal sealed record ClearedDocument(string Warning);
