using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Observability;

/// <summary>What is counted of an upstream of a service. A block of longs and nothing else.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UpstreamCounts
{
    /// <summary>Values of <see cref="AttemptOutcome"/>.</summary>
    public const int Outcomes = (int)AttemptOutcome.Superseded + 1;

    /// <summary>The names of its longs, in order.</summary>
    internal static readonly ImmutableArray<string> Names =
    [
        .. Enum.GetValues<AttemptOutcome>().Select(o => $"attempts.{o}"),
        .. Histogram.NamesOf("connected"), .. Histogram.NamesOf("failed"),
        "pending", "sessions", "sessionsTotal", "bytesToUpstream", "bytesToClient",
        .. Histogram.NamesOf("firstByte"),
        "answered", "unanswered",
        "suspected", "probes", "earlyEnds", "ejected",
    ];

    /// <summary>Connects that have ended, by <see cref="AttemptOutcome"/>.</summary>
    public AttemptCounts Attempts;

    /// <summary>How long those took that the upstream accepted.</summary>
    public Histogram Connected;

    /// <summary>How long the others took.</summary>
    public Histogram Failed;

    /// <summary>Connects under way.</summary>
    public long Pending;

    /// <summary>Sessions that are proxied to it now.</summary>
    public long Sessions;

    /// <summary>Sessions that were proxied to it so far.</summary>
    public long SessionsTotal;

    /// <summary>Payload bytes sent to it, as they go.</summary>
    public long BytesToUpstream;

    /// <summary>Payload bytes of it that were sent to clients, as they go.</summary>
    public long BytesToClient;

    /// <summary>From the moment at which it accepted to its first payload byte; as many as sessions in which one came.</summary>
    public Histogram FirstByte;

    /// <summary>Sessions that have ended and in which at least one byte came from it.</summary>
    public long Answered;

    /// <summary>Sessions that it has ended soon, and without a byte. Others are in neither number.</summary>
    public long Unanswered;

    /// <summary>How often it has become suspect.</summary>
    public long Suspected;

    /// <summary>Clients that tried it to find out whether it answers again.</summary>
    public long Probes;

    /// <summary>Sessions that it has ended at once, where that is evidence.</summary>
    public long EarlyEnds;

    /// <summary>How often it was held for them.</summary>
    public long Ejected;

    /// <summary>By <see cref="AttemptOutcome"/>.</summary>
    [InlineArray(Outcomes)]
    public struct AttemptCounts
    {
        private long _first;

        public readonly long Sum
        {
            get
            {
                long sum = 0;
                foreach (long count in this) sum += count;
                return sum;
            }
        }
    }
}
