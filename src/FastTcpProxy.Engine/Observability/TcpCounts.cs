using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// What the kernel knew of the connections of one side when their sessions ended (TCP_INFO, tcp(7)): of those sessions only that were
/// looked at. A block of longs.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct TcpCounts
{
    /// <summary>Segments that were sent again.</summary>
    public long Retransmits;

    /// <summary>Segments that were taken for lost at the end.</summary>
    public long Lost;

    /// <summary>The smoothed round-trip time at the end; as many as connections were looked at.</summary>
    public Histogram RoundTrip;

    internal static IEnumerable<string> NamesOf(string name) =>
        [$"{name}.retransmits", $"{name}.lost", .. Histogram.NamesOf($"{name}.roundTrip")];
}
