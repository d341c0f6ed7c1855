using System.Collections.Immutable;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// Reads the counts once a second and keeps the last ones, so that everyone who asks sees the same rates. Its memory is bounded by the
/// services: <see cref="SamplesMax"/> samples of a few numbers for each service and upstream. One task takes samples; any thread reads.
/// </summary>
internal sealed class TrafficSampler(Func<MetricsSnapshot> read, TimeProvider time)
{
    /// <summary>Rates go over the ten seconds between the first and the last of them.</summary>
    public const int SamplesMax = 11;

    private readonly Queue<Sample> _samples = new(SamplesMax);
    private volatile Traffic _latest = Traffic.None;

    /// <summary>As of the last second.</summary>
    public Traffic Latest => _latest;

    /// <summary>Takes a sample, and returns what it was taken of. The one task.</summary>
    public MetricsSnapshot Take()
    {
        MetricsSnapshot snapshot = read();
        if (_samples.Count == SamplesMax) _samples.Dequeue();
        Sample now = Sample.Of(snapshot, time.GetTimestamp());
        _samples.Enqueue(now);
        Sample first = _samples.Peek();
        double seconds = time.GetElapsedTime(first.At, now.At).TotalSeconds;
        Dictionary<string, TrafficDocument> services = new(StringComparer.Ordinal);
        Dictionary<(string, string), UpstreamTrafficDocument> upstreams = [];
        foreach (ServiceMetrics service in snapshot.Services)
        {
            foreach (UpstreamMetrics upstream in service.Upstreams)
            {
                (string, string) key = (service.Name, upstream.Name);
                upstreams[key] = Document(in upstream.Counts,
                    PerSecond(now.Upstreams[key], first.Upstreams.GetValueOrDefault(key), seconds));
            }
            services[service.Name] = Document(in service.Counts, service.Upstreams,
                Rates(now.Services[service.Name], first.Services.GetValueOrDefault(service.Name) ?? Numbers.None, seconds));
        }
        ServiceCounts all = snapshot.AllServices();
        IEnumerable<UpstreamMetrics> allUpstreams = snapshot.Services.Append(snapshot.Departed).SelectMany(s => s.Upstreams);
        _latest = new Traffic(Document(in all, [.. allUpstreams], Rates(now.Process, first.Process, seconds)), services, upstreams)
        {
            LoopLag = SlowestOf(now.Lags, first.Lags),
        };
        return snapshot;
    }

    private static TrafficDocument Document(in ServiceCounts counts, ImmutableArray<UpstreamMetrics> upstreams,
        RatesDocument? rates) => new(
        counts.Accepted, counts.Active, counts.EndedCount, counts.AllFailed, counts.Refused, counts.BytesToUpstreams,
        counts.BytesToClients, upstreams.Sum(u => u.Counts.Attempts.Sum), upstreams.Sum(u => FailedOf(in u.Counts)), rates,
        Quantiles([counts.FailoverCost]), Quantiles([.. upstreams.Select(u => u.Counts.FirstByte)]));

    private static UpstreamTrafficDocument Document(in UpstreamCounts counts, double? failedPerSecond) => new(
        counts.Attempts.Sum, FailedOf(in counts), failedPerSecond, counts.SessionsTotal, Quantiles([counts.FirstByte]));

    /// <summary>An attempt that was abandoned, because the client left, says nothing of the upstream.</summary>
    private static long FailedOf(in UpstreamCounts counts) => counts.Attempts.Sum - counts.Attempts[(int)AttemptOutcome.Connected]
        - counts.Attempts[(int)AttemptOutcome.Abandoned];

    private static RatesDocument? Rates(Numbers now, Numbers first, double seconds) => seconds <= 0
        ? null
        : new RatesDocument(Math.Round(seconds, 1), PerSecond(now.Accepted, first.Accepted, seconds)!.Value,
            PerSecond(now.Ended, first.Ended, seconds)!.Value, PerSecond(now.Failed, first.Failed, seconds)!.Value,
            PerSecond(now.Refused, first.Refused, seconds)!.Value, PerSecond(now.ToUpstreams, first.ToUpstreams, seconds)!.Value,
            PerSecond(now.ToClients, first.ToClients, seconds)!.Value,
            PerSecond(now.AttemptsFailed, first.AttemptsFailed, seconds)!.Value,
            Quantiles([now.FailoverCost], first.FailoverCost));

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
    private static QuantilesDocument? SlowestOf(ImmutableArray<Histogram> now, ImmutableArray<Histogram> before)
    {
        QuantilesDocument? slowest = null;
        for (int loop = 0; loop < now.Length; loop++)
        {
            if (Quantiles([now[loop]], before[loop]) is { } lag && (slowest is null || (lag.P99 ?? double.MaxValue) > slowest.P99))
                slowest = lag;
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

    private sealed record Numbers(long Accepted, long Ended, long Failed, long Refused, long ToUpstreams, long ToClients,
        long AttemptsFailed, Histogram FailoverCost)
    {
        public static Numbers None { get; } = new(0, 0, 0, 0, 0, 0, 0, default);

        public static Numbers Of(in ServiceCounts counts, long attemptsFailed) => new(counts.Accepted, counts.EndedCount, counts.AllFailed,
            counts.Refused, counts.BytesToUpstreams, counts.BytesToClients, attemptsFailed, counts.FailoverCost);
    }

    private sealed record Sample(long At, Numbers Process, Dictionary<string, Numbers> Services,
        Dictionary<(string, string), long> Upstreams, ImmutableArray<Histogram> Lags)
    {
        public static Sample Of(MetricsSnapshot snapshot, long at)
        {
            Dictionary<string, Numbers> services = new(StringComparer.Ordinal);
            Dictionary<(string, string), long> upstreams = [];
            foreach (ServiceMetrics service in snapshot.Services)
            {
                long failed = 0;
                foreach (UpstreamMetrics upstream in service.Upstreams)
                    failed += upstreams[(service.Name, upstream.Name)] = FailedOf(in upstream.Counts);
                services[service.Name] = Numbers.Of(in service.Counts, failed);
            }
            ServiceCounts all = snapshot.AllServices();
            UpstreamCounts allUpstreams = snapshot.AllUpstreams();
            return new Sample(at, Numbers.Of(in all, FailedOf(in allUpstreams)), services, upstreams,
                [.. snapshot.Loops.Select(l => l.Lag)]);
        }
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
