using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.TakeOver;

/// <summary>A process that has handed over its listeners and drains. Immutable.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Socket">Where its administrative interface is now.</param>
/// <param name="Sessions">Those that are left.</param>
/// <param name="StartedAt">When it began to serve.</param>
internal sealed record Generation(int ProcessId, string Socket, int Sessions, DateTimeOffset StartedAt);

/// <summary>The processes that drain, as far as they are named. Immutable.</summary>
/// <param name="Named">At most <see cref="GenerationFinder.GenerationsMax"/>, the oldest first.</param>
/// <param name="More">How many there are beside them.</param>
internal sealed record FoundGenerations(ImmutableArray<Generation> Named, int More)
{
    public static FoundGenerations None { get; } = new([], 0);
}
