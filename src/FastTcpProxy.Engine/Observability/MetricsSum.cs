using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Observability;

/// <summary>A snapshot in the making: counts are added by name, from however many memories. One thread.</summary>
internal sealed class MetricsSum(LoopCounts process, ImmutableArray<LoopCounts> loops)
{
    private readonly SortedDictionary<string, ServiceSum> _services = new(StringComparer.Ordinal);
    private readonly ServiceSum _departed = new("");
    private LoopCounts _process = process;

    /// <summary>The sum of the loops.</summary>
    public ref LoopCounts Process => ref _process;

    public ref ServiceCounts Departed => ref _departed.Metrics.MutableCounts;

    public UpstreamMetrics DepartedUpstreams => _departed.Upstream("");

    public ref ServiceCounts Service(string name) => ref Of(name).Metrics.MutableCounts;

    public UpstreamMetrics Upstream(string service, string name) => Of(service).Upstream(name);

    public MetricsSnapshot ToSnapshot(int generations)
    {
        _ = DepartedUpstreams;
        return new MetricsSnapshot(_process, loops, [.. _services.Values.Select(s => s.Finish())], _departed.Finish(), generations);
    }

    private ServiceSum Of(string name)
    {
        if (!_services.TryGetValue(name, out ServiceSum? service)) _services.Add(name, service = new ServiceSum(name));
        return service;
    }

    private sealed class ServiceSum(string name)
    {
        private readonly SortedDictionary<string, UpstreamMetrics> _upstreams = new(StringComparer.Ordinal);

        public ServiceMetrics Metrics { get; } = new(name, default, []);

        public UpstreamMetrics Upstream(string upstream)
        {
            if (!_upstreams.TryGetValue(upstream, out UpstreamMetrics? metrics))
                _upstreams.Add(upstream, metrics = new UpstreamMetrics(upstream, default, default));
            return metrics;
        }

        public ServiceMetrics Finish()
        {
            Metrics.Upstreams = [.. _upstreams.Values];
            return Metrics;
        }
    }
}
