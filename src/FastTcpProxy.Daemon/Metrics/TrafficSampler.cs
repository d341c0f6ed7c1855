using System.Collections.Immutable;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// Reads the counts once a second and keeps a few numbers of the last seconds, so that everyone who asks sees the same rates. What was
/// counted is made a document when it is asked for: a second in which no one asks costs no memory. Its memory is bounded by the services:
/// <see cref="SamplesMax"/> samples of a few numbers for each service and upstream. One task takes samples; any thread reads.
/// </summary>
/// <param name="read">Reads the counts; what it returns may be overwritten by the next call.</param>
internal sealed class TrafficSampler(Func<MetricsSnapshot> read, TimeProvider time)
{
    /// <summary>Rates go over the ten seconds between the first and the last of them.</summary>
    public const int SamplesMax = 11;

    private readonly Lock _lock = new();
    private readonly SampleRing _ring = new(time.GetTimestamp());
    private MetricsSnapshot? _snapshot;
    private Traffic? _latest;

    /// <summary>As of the last second.</summary>
    public Traffic Latest
    {
        get
        {
            lock (_lock) return _latest ??= _snapshot is null ? Traffic.None : Make(_snapshot);
        }
    }

    /// <summary>What was counted so far is not of this process, or before its first client: rates begin here.</summary>
    public MetricsSnapshot Begin()
    {
        lock (_lock) _ring.Clear();
        return Take();
    }

    /// <summary>Takes a sample, and returns what it was taken of. The one task.</summary>
    public MetricsSnapshot Take()
    {
        lock (_lock)
        {
            _latest = null;
            _snapshot = read();
            _ring.Begin(time.GetTimestamp());
            foreach (ServiceMetrics service in _snapshot.Services)
            {
                long failed = 0;
                foreach (UpstreamMetrics upstream in service.Upstreams)
                {
                    long ofUpstream = FailedOf(in upstream.Counts);
                    _ring.Add(service.Name, upstream.Name, ofUpstream);
                    failed += ofUpstream;
                }
                _ring.Add(service.Name, Numbers.Of(in service.Counts, failed));
            }
            _ring.AddProcess(OfProcess(_snapshot));
            _ring.AddLags(_snapshot.Loops);
            _ring.End();
            return _snapshot;
        }
    }

    private static Numbers OfProcess(MetricsSnapshot snapshot)
    {
        ServiceCounts all = snapshot.AllServices();
        UpstreamCounts allUpstreams = snapshot.AllUpstreams();
        return Numbers.Of(in all, FailedOf(in allUpstreams));
    }

    private Traffic Make(MetricsSnapshot snapshot)
    {
        double seconds = time.GetElapsedTime(_ring.First, _ring.Last).TotalSeconds;
        Dictionary<string, TrafficDocument> services = new(StringComparer.Ordinal);
        Dictionary<(string, string), UpstreamTrafficDocument> upstreams = [];
        foreach (ServiceMetrics service in snapshot.Services)
        {
            foreach (UpstreamMetrics upstream in service.Upstreams)
            {
                (long first, long now) = _ring.Find(service.Name, upstream.Name);
                upstreams[(service.Name, upstream.Name)] = Document(in upstream.Counts, PerSecond(now, first, seconds));
            }
            services[service.Name] = Document(in service.Counts, service.Upstreams, Rates(_ring.Find(service.Name), seconds));
        }
        ServiceCounts all = snapshot.AllServices();
        IEnumerable<UpstreamMetrics> allUpstreams = snapshot.Services.Append(snapshot.Departed).SelectMany(s => s.Upstreams);
        return new Traffic(Document(in all, [.. allUpstreams], Rates(_ring.OfProcess(), seconds)), services, upstreams)
        {
            LoopLag = SlowestOf(snapshot.Loops, _ring.FirstLags),
        };
    }

    private static TrafficDocument Document(in ServiceCounts counts, ImmutableArray<UpstreamMetrics> upstreams,
        RatesDocument? rates) => new(
        counts.Accepted, counts.Active, counts.EndedCount, counts.AllFailed, counts.Refused, counts.BytesToUpstreams,
        counts.BytesToClients, upstreams.Sum(u => u.Counts.Attempts.Sum), upstreams.Sum(u => FailedOf(in u.Counts)), rates,
        Quantiles([counts.FailoverCost]), Quantiles([.. upstreams.Select(u => u.Counts.FirstByte)]));

    private static UpstreamTrafficDocument Document(in UpstreamCounts counts, double? failedPerSecond) => new(
        counts.Attempts.Sum, FailedOf(in counts), failedPerSecond, counts.SessionsTotal, Quantiles([counts.FirstByte]));

    /// <summary>An attempt that was given up, because the client left or another one was taken, says nothing of the upstream.</summary>
    private static long FailedOf(in UpstreamCounts counts) => counts.Attempts.Sum - counts.Attempts[(int)AttemptOutcome.Connected]
        - counts.Attempts[(int)AttemptOutcome.Abandoned] - counts.Attempts[(int)AttemptOutcome.Superseded];

    private static RatesDocument? Rates((Numbers First, Numbers Now) between, double seconds)
    {
        if (seconds <= 0) return null;
        (Numbers first, Numbers now) = between;
        return new RatesDocument(Math.Round(seconds, 1), PerSecond(now.Accepted, first.Accepted, seconds)!.Value,
            PerSecond(now.Ended, first.Ended, seconds)!.Value, PerSecond(now.Failed, first.Failed, seconds)!.Value,
            PerSecond(now.Refused, first.Refused, seconds)!.Value, PerSecond(now.ToUpstreams, first.ToUpstreams, seconds)!.Value,
            PerSecond(now.ToClients, first.ToClients, seconds)!.Value,
            PerSecond(now.AttemptsFailed, first.AttemptsFailed, seconds)!.Value,
            Quantiles([now.FailoverCost], first.FailoverCost));
    }

    /// <summary>A service that has just been removed and added anew counts from 0: never a negative rate.</summary>
    private static double? PerSecond(long now, long first, double seconds) =>
        seconds <= 0 ? null : Math.Round(Math.Max(now - first, 0) / seconds, 2);

    /// <summary>Those of several histograms together; null: nothing was counted.</summary>
    /// <param name="before">What was counted before, and is left out.</param>
    internal static QuantilesDocument? Quantiles(ReadOnlySpan<Histogram> histograms, Histogram before = default)
    {
        Span<long> buckets = stackalloc long[Histogram.Buckets];
        foreach (ref readonly Histogram histogram in histograms)
        {
            for (int i = 0; i < buckets.Length; i++) buckets[i] += histogram[i];
        }
        long count = 0;
        for (int i = 0; i < buckets.Length; i++) count += buckets[i] = Math.Max(buckets[i] - before[i], 0);
        return count == 0 ? null : new QuantilesDocument(Bound(buckets, count, 0.5), Bound(buckets, count, 0.99));
    }

    /// <summary>Of the loop whose ticks were late most; null: none has ticked between the two.</summary>
    private static QuantilesDocument? SlowestOf(ImmutableArray<LoopCounts> now, ReadOnlySpan<Histogram> before)
    {
        QuantilesDocument? slowest = null;
        for (int loop = 0; loop < now.Length; loop++)
        {
            if (Quantiles([now[loop].Lag], loop < before.Length ? before[loop] : default) is { } lag
                && (slowest is null || (lag.P99 ?? double.MaxValue) > slowest.P99)) slowest = lag;
        }
        return slowest;
    }

    private static double? Bound(ReadOnlySpan<long> buckets, long count, double share)
    {
        long rank = (long)Math.Ceiling(count * share), sum = 0;
        for (int bucket = 0; bucket < Histogram.BoundsUs.Length; bucket++)
        {
            sum += buckets[bucket];
            if (sum >= rank) return Histogram.BoundsUs[bucket] / 1000.0;
        }
        return null;
    }
}

/// <summary>What was counted as of one second. Immutable.</summary>
/// <param name="Process">Of all services, those too that are gone; null before the first sample.</param>
/// <param name="Services">By name.</param>
/// <param name="Upstreams">By the names of service and upstream.</param>
internal sealed record Traffic(TrafficDocument? Process, IReadOnlyDictionary<string, TrafficDocument> Services,
    IReadOnlyDictionary<(string Service, string Upstream), UpstreamTrafficDocument> Upstreams)
{
    public static Traffic None { get; } =
        new(null, new Dictionary<string, TrafficDocument>(), new Dictionary<(string, string), UpstreamTrafficDocument>());

    /// <summary>How late the ticks of the slowest loop were, over the last ten seconds; null: none has ticked yet.</summary>
    public QuantilesDocument? LoopLag { get; init; }
}
