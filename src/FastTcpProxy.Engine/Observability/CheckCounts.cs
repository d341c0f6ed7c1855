using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>What is counted of the checks of an upstream. A block of longs and nothing else.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CheckCounts
{
    /// <summary>The names of its longs, in order.</summary>
    internal static readonly ImmutableArray<string> Names = ["good", "bad", "unknown", "transitions", .. Histogram.NamesOf("duration")];

    public long Good;

    public long Bad;

    /// <summary>Checks for which this machine lacked something.</summary>
    public long Unknown;

    /// <summary>Changes from up to down or back.</summary>
    public long Transitions;

    /// <summary>From the start of a check to its result.</summary>
    public Histogram Duration;
}
