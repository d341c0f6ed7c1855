using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>What a change leaves, in the answer to it; every key is absent from other answers. Immutable.</summary>
internal record ChangeDocument
{
    /// <summary>What the service is left with, for people; absent while an upstream is up.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Warning { get; init; }

    /// <summary>Whether overrides survive the exit of the process.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Stored { get; init; }

    /// <summary>
    /// The service after the change, with all its upstreams; absent when it was removed meanwhile, and from earlier versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ServiceDocument? Service { get; init; }
}

/// <summary>What an operator has set for an upstream, or the order that one has set for a service. Immutable.</summary>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Author">Who.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
internal sealed record OverrideDocument(string Reason, string Author, DateTime At, DateTime? Expires) : ChangeDocument
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
