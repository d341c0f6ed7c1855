using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>The rule for a good answer to a probe. Immutable.</summary>
public sealed record CheckExpectation
{
    /// <summary>Status codes that are failures, 100 to 599; of an HTTP check.</summary>
    public required EquatableArray<StatusRange> FailStatus { get; init; }

    /// <summary>What the response's body, or a TCP server's answer, must hold; null: anything will do.</summary>
    public ContentPattern? Body { get; init; }
}

/// <summary>HTTP status codes from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct StatusRange(short First, short Last)
{
    public bool Contains(int status) => status >= First && status <= Last;
}
