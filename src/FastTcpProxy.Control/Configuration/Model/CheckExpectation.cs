using System.Collections.Immutable;

namespace FastTcpProxy.Control.Configuration;

/// <summary>What makes the answer to a probe a good one. Immutable.</summary>
public sealed record CheckExpectation
{
    /// <summary>Status codes that are failures, 100 to 599; of an HTTP check.</summary>
    public required ImmutableArray<StatusRange> FailStatus { get; init; }

    /// <summary>What the response's body, or a TCP server's answer, must hold; null when nothing is looked at.</summary>
    public ContentPattern? Body { get; init; }
}
