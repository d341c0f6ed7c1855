using System.Collections.Immutable;
using System.Net;

namespace FastTcpProxy.Control.Resolution;

/// <summary>What a resolver said last. Immutable.</summary>
/// <param name="Addresses">The last good ones, in its order.</param>
/// <param name="Error">Why the last look-up failed; null when it did not.</param>
internal sealed record ResolvedAnswer(ImmutableArray<IPAddress> Addresses, string? Error)
{
    /// <summary>Before the first look-up has ended.</summary>
    public static ResolvedAnswer None { get; } = new([], "it was not looked up yet");

    public bool IsGood => Error is null;
}
