using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// What is counted of a service. A block of longs and nothing else, so that a sum is one of longs. Sessions that are not ended are active:
/// <see cref="Accepted"/> less <see cref="Ended"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ServiceCounts
{
    /// <summary>Values of <see cref="ProxyDecodeError"/>.</summary>
    public const int HeaderErrorKinds = (int)ProxyDecodeError.V2Crc32CMismatch + 1;

    /// <summary>The names of its longs, in order: what another version of the program has written is read by them.</summary>
    internal static readonly ImmutableArray<string> Names =
    [
        "accepted",
        .. EndReasons.All.Select(r => $"ended.{r}"), "ended.unlisted",
        "bytesToUpstreams", "bytesToClients",
        .. Histogram.NamesOf("failoverCost"), .. Histogram.NamesOf("clientWait"),
        .. Enum.GetValues<HedgeResult>().Select(r => $"hedges.{r}"),
        .. Enum.GetValues<ProxyDecodeError>().Select(e => $"headerErrors.{e}"),
        "recordsDropped",
        .. TcpCounts.NamesOf("clientTcp"), .. TcpCounts.NamesOf("upstreamTcp"),
        "retried",
    ];

    /// <summary>Clients accepted, those that admission refused too.</summary>
    public long Accepted;

    /// <summary>Sessions that have ended, and clients that were refused, by the number of the reason.</summary>
    public EndedCounts Ended;

    /// <summary>Payload bytes sent to upstreams, as they go.</summary>
    public long BytesToUpstreams;

    /// <summary>Payload bytes sent to clients, as they go.</summary>
    public long BytesToClients;

    /// <summary>
    /// What failover has cost the clients that got to an upstream: from the accept to the moment at which the last attempt began.
    /// </summary>
    public Histogram FailoverCost;

    /// <summary>
    /// How long clients waited that got to an upstream: from the accept to the moment at which they were proxied. Only of services that
    /// hedge.
    /// </summary>
    public Histogram ClientWait;

    /// <summary>Second attempts that have ended, and those that were not made, by <see cref="HedgeResult"/>.</summary>
    public HedgeCounts Hedges;

    /// <summary>Headers of balancers that were not valid, by <see cref="ProxyDecodeError"/>.</summary>
    public HeaderErrorCounts HeaderErrors;

    /// <summary>Records that were dropped because the log did not keep up.</summary>
    public long RecordsDropped;

    /// <summary>The clients' connections, as the kernel saw them.</summary>
    public TcpCounts ClientTcp;

    /// <summary>The upstreams' connections.</summary>
    public TcpCounts UpstreamTcp;

    /// <summary>How often a session left an upstream that had accepted and then reset the connection, for the next one.</summary>
    public long Retried;

    /// <summary>Sessions that have ended and clients that were refused, in all.</summary>
    public readonly long EndedCount => Ended.Sum;

    /// <summary>Sessions that live.</summary>
    public readonly long Active => Accepted - EndedCount;

    /// <summary>Clients that admission, or the rule on balancers, refused.</summary>
    public readonly long Refused => Ended.SumOf(r => r.Phase == EndPhase.Guard);

    /// <summary>How often a session got to an upstream; those that were <see cref="Retried"/> more than once.</summary>
    public readonly long Proxied => FailoverCost.Count;

    /// <summary>Sessions for which no upstream accepted.</summary>
    public readonly long AllFailed => Ended.SumOf(r => r.Phase == EndPhase.Connect && r.Cause != EndCause.Fault
        && r.Party is EndParty.Upstream or EndParty.Proxy);

    /// <summary>By the numbers of <see cref="EndReasons"/>.</summary>
    [InlineArray(EndReasons.Count)]
    public struct EndedCounts
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

        public readonly long SumOf(Func<EndReason, bool> isMeant)
        {
            ArgumentNullException.ThrowIfNull(isMeant);
            long sum = 0;
            for (int i = 0; i < EndReasons.All.Length; i++) sum += isMeant(EndReasons.All[i]) ? this[i] : 0;
            return sum;
        }
    }

    /// <summary>By <see cref="HedgeResult"/>.</summary>
    [InlineArray((int)HedgeResult.NoRoom + 1)]
    public struct HedgeCounts
    {
        private long _first;
    }

    /// <summary>By <see cref="ProxyDecodeError"/>.</summary>
    [InlineArray(HeaderErrorKinds)]
    public struct HeaderErrorCounts
    {
        private long _first;
    }
}
