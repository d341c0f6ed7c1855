using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging.Recent;

/// <summary>An event of the operational log as the ring keeps it. Immutable.</summary>
/// <param name="Sequence">From 1, one more for each event of the process.</param>
/// <param name="At">When it was published; of a sum: when the last of them was.</param>
/// <param name="Id">The stable number.</param>
/// <param name="Level">Debug, information, warning or error.</param>
/// <param name="Service">The service that it concerns; null: none alone.</param>
/// <param name="Upstream">The upstream that it concerns; null: none alone.</param>
/// <param name="Author">Who asked for it; null: no operator did.</param>
/// <param name="Count">How many equal events it stands for.</param>
/// <param name="Text">One line, at most <see cref="EventRing.TextCharsMax"/> characters.</param>
internal sealed record RecentEvent(long Sequence, DateTimeOffset At, int Id, LogLevel Level, string? Service, string? Upstream,
    string? Author, int Count, string Text);

/// <summary>Which events are meant: those that match every value. Immutable.</summary>
/// <param name="Level">This level, and those above it.</param>
/// <param name="Service">The name of their service; null: any, or none.</param>
/// <param name="Since">Not before; null: all.</param>
internal sealed record EventFilter(LogLevel Level = LogLevel.Debug, string? Service = null, DateTimeOffset? Since = null)
{
    public bool Matches(RecentEvent recent) =>
        recent.Level >= Level && (Service is null || recent.Service == Service) && (Since is not { } since || recent.At >= since);
}
