using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>What an operator has set for an upstream. Immutable.</summary>
/// <param name="State"><c>enabled</c>, <c>disabled</c> or <c>draining</c>.</param>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Author">Who.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
/// <param name="Warning">What a change leaves, where no upstream is up; absent otherwise.</param>
internal sealed record OverrideDocument(
    string State,
    string Reason,
    string Author,
    DateTime At,
    DateTime? Expires,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Warning = null) : ISetDocument;

/// <summary>What order an operator has set for a service. Immutable.</summary>
/// <param name="Names">The upstreams that are tried first; the others follow as they are configured.</param>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Author">Who.</param>
/// <param name="Expires">When it ends by itself; null: never.</param>
/// <param name="Warning">What a change leaves, where no upstream is up; absent otherwise.</param>
internal sealed record OrderDocument(
    ImmutableArray<string> Names,
    string Reason,
    string Author,
    DateTime At,
    DateTime? Expires,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Warning = null) : ISetDocument;

/// <summary>What all that operators set has in common. Immutable.</summary>
internal interface ISetDocument
{
    /// <summary>Who.</summary>
    string Author { get; }

    DateTime At { get; }
}

/// <summary>The answer to a change that has ended an override or an order and leaves no upstream up; where one is up the answer is null. Immutable.</summary>
/// <param name="Warning">What the service is left with, for people.</param>
internal sealed record ClearedDocument(string Warning);
