using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The bounds at which a histogram is exported: some or all of those that it is counted by, so that no count is an estimate. Immutable, any
/// thread.
/// </summary>
internal sealed class HistogramBounds
{
    private HistogramBounds(params ReadOnlySpan<int> us)
    {
        ImmutableArray<int>.Builder ends = ImmutableArray.CreateBuilder<int>();
        foreach (int bound in us) ends.Add(Histogram.BoundsUs.IndexOf(bound) + 1);
        if (ends.Contains(0)) throw new ArgumentException("a bound that is not counted by", nameof(us));
        Ends = ends.ToImmutable();
        Us = [.. us];
        Labels =
        [
            .. Us.Select(b => new LabelText(("le", (b / 1e6).ToString(CultureInfo.InvariantCulture)))), new LabelText(("le", "+Inf")),
        ];
    }

    /// <summary>All: of a service, of a loop.</summary>
    public static HistogramBounds Full { get; } = new(Histogram.BoundsUs);

    /// <summary>
    /// Of connects to an upstream, of which there may be thousands: the seconds at which the kernel repeats a SYN and timeouts are, and
    /// what tells a near server from a far one below them.
    /// </summary>
    public static HistogramBounds Connect { get; } = new(10_000, 100_000, 1_000_000, 3_000_000, 5_000_000, 7_000_000);

    /// <summary>Of an upstream's first byte: what tells a near server from a far one and from a slow one.</summary>
    public static HistogramBounds FirstByte { get; } = new(10_000, 100_000, 1_000_000);

    /// <summary>Of its checks, of which there are few: what tells those whose SYN was sent twice. Their mean says the rest.</summary>
    public static HistogramBounds Check { get; } = new(1_000_000);

    /// <summary>In microseconds.</summary>
    public ImmutableArray<int> Us { get; }

    /// <summary>For each bound, the number of the first of the histogram's own ranges that lies above it.</summary>
    public ImmutableArray<int> Ends { get; }

    /// <summary>For each bound its label <c>le</c>; the last one is <c>+Inf</c>.</summary>
    public ImmutableArray<LabelText> Labels { get; }
}
