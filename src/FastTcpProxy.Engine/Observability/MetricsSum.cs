using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// A snapshot in the making: counts are added by name, from however many memories. One that is kept is cleared and filled again, and then
/// needs no new memory while the names stay the same. One thread.
/// </summary>
public sealed class MetricsSum
{
    private readonly ByName<ServiceSum> _services = new(static name => new ServiceSum(name), static s => s.Clear());
    private readonly ServiceSum _departed = new("");
    private ImmutableArray<ServiceSum> _listed = [];
    private ImmutableArray<ServiceMetrics> _finished = [];
    private LoopCounts _process;

    /// <summary>The sum of the loops.</summary>
    internal ref LoopCounts Process => ref _process;

    /// <summary>Each loop's own.</summary>
    internal LoopCounts[] Loops { get; private set; } = [];

    internal ref ServiceCounts Departed => ref _departed.Metrics.MutableCounts;

    internal UpstreamMetrics DepartedUpstreams => _departed.Upstreams.Of("");

    internal ref ServiceCounts Service(string name) => ref _services.Of(name).Metrics.MutableCounts;

    internal UpstreamMetrics Upstream(string service, string name) => _services.Of(service).Upstreams.Of(name);

    /// <summary>Everything is 0, and no name is counted.</summary>
    internal void Clear(int loops)
    {
        _process = default;
        if (Loops.Length == loops) Array.Clear(Loops);
        else Loops = new LoopCounts[loops];
        _departed.Clear();
        _services.Clear();
    }

    internal MetricsSnapshot ToSnapshot(int generations)
    {
        _ = DepartedUpstreams;
        ImmutableArray<ServiceSum> listed = _services.List();
        if (listed != _listed) _finished = [.. listed.Select(s => s.Metrics)];
        _listed = listed;
        foreach (ServiceSum service in listed) service.Finish();
        _departed.Finish();
        ImmutableArray<LoopCounts> loops = ImmutableCollectionsMarshal.AsImmutableArray(Loops);
        return new MetricsSnapshot(_process, loops, _finished, _departed.Metrics, generations);
    }

    private sealed class ServiceSum(string name)
    {
        public ServiceMetrics Metrics { get; } = new(name, default, []);

        public ByName<UpstreamMetrics> Upstreams { get; } = new(static name => new UpstreamMetrics(name, default, default),
            static u => (u.MutableCounts, u.MutableChecks) = (default, default));

        public void Clear()
        {
            Metrics.MutableCounts = default;
            Upstreams.Clear();
        }

        public void Finish() => Metrics.Upstreams = Upstreams.List();
    }

    /// <summary>What was counted since the last clear, in the order of the names. What was not is forgotten with the next list.</summary>
    private sealed class ByName<T>(Func<string, T> make, Action<T> clear)
        where T : class
    {
        private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
        private ImmutableArray<T> _listed = [];
        private int _round, _counted;
        private bool _isListed;

        public void Clear()
        {
            _round++;
            _counted = 0;
        }

        public T Of(string name)
        {
            if (!_entries.TryGetValue(name, out Entry? entry))
            {
                _entries.Add(name, entry = new Entry(make(name)) { Round = _round });
                _counted++;
                _isListed = false;
            }
            if (entry.Round == _round) return entry.Value;
            entry.Round = _round;
            _counted++;
            clear(entry.Value);
            return entry.Value;
        }

        public ImmutableArray<T> List()
        {
            if (_counted < _entries.Count)
            {
                string[] gone = [.. _entries.Where(e => e.Value.Round != _round).Select(e => e.Key)];
                foreach (string name in gone) _entries.Remove(name);
                _isListed = false;
            }
            if (!_isListed) _listed = [.. _entries.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Value.Value)];
            _isListed = true;
            return _listed;
        }

        private sealed class Entry(T value)
        {
            public T Value { get; } = value;

            /// <summary>When it was counted last.</summary>
            public int Round { get; set; }
        }
    }
}
