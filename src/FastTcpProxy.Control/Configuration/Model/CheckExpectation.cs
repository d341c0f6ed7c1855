using System.Collections.Immutable;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>What makes the answer to a probe a good one. Immutable.</summary>
public sealed record CheckExpectation
{
    /// <summary>Status codes that are failures, 100 to 599; of an HTTP check.</summary>
    public required ImmutableArray<StatusRange> FailStatus { get; init; }

    /// <summary>What the response's body, or a TCP server's answer, must hold; null: anything will do.</summary>
    public ContentPattern? Body { get; init; }

    public bool Equals(CheckExpectation? other) => other is not null && Body == other.Body && FailStatus.SequenceEqual(other.FailStatus);

    public override int GetHashCode() => HashCode.Combine(Body, FailStatus.Length);
}

/// <summary>HTTP status codes from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct StatusRange(short First, short Last)
{
    public bool Contains(int status) => status >= First && status <= Last;
}
