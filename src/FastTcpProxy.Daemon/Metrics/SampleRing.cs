using System.Collections.Immutable;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The numbers that rates are made of, at the last moments at which they were read, by service and upstream. A name that was not there at a
/// moment had counted nothing. Memory is used again: a reading in which all names are known needs none. One thread at a time.
/// </summary>
/// <param name="start">The moment at which all numbers were 0.</param>
internal sealed class SampleRing(long start)
{
    private readonly Rows<string, Numbers> _services = new();
    private readonly Rows<(string, string), long> _upstreams = new();
    private readonly long[] _at = [start, .. new long[TrafficSampler.SamplesMax - 1]];
    private readonly Histogram[][] _lags = [.. Enumerable.Repeat<Histogram[]>([], TrafficSampler.SamplesMax)];
    private readonly Numbers[] _process = new Numbers[TrafficSampler.SamplesMax];
    private int _last, _count = 1;

    /// <summary>The first moment that is kept.</summary>
    public long First => _at[FirstIndex];

    /// <summary>The last moment.</summary>
    public long Last => _at[_last];

    /// <summary>How late the ticks of each loop were, as of the first moment; of a loop that is missing they were counted as 0.</summary>
    public ReadOnlySpan<Histogram> FirstLags => _lags[FirstIndex];

    private int FirstIndex => (_last + _at.Length - _count + 1) % _at.Length;

    /// <summary>No moment is kept any more.</summary>
    public void Clear()
    {
        _services.Clear();
        _upstreams.Clear();
        _count = 0;
    }

    /// <summary>Numbers are of this moment from here on.</summary>
    public void Begin(long at)
    {
        _last = (_last + 1) % _at.Length;
        _count = Math.Min(_count + 1, _at.Length);
        _at[_last] = at;
    }

    public void AddProcess(Numbers numbers) => _process[_last] = numbers;

    public void Add(string service, Numbers numbers) => _services.Add(service, _last, numbers);

    /// <param name="service">Its service.</param>
    /// <param name="upstream">Its name.</param>
    /// <param name="failed">Its failed attempts.</param>
    public void Add(string service, string upstream, long failed) => _upstreams.Add((service, upstream), _last, failed);

    /// <summary>How late the ticks of each loop were.</summary>
    public void AddLags(ImmutableArray<LoopCounts> loops)
    {
        if (_lags[_last].Length != loops.Length) _lags[_last] = new Histogram[loops.Length];
        for (int i = 0; i < loops.Length; i++) _lags[_last][i] = loops[i].Lag;
    }

    /// <summary>What was not added is forgotten.</summary>
    public void End()
    {
        _services.Forget();
        _upstreams.Forget();
    }

    /// <summary>The numbers of the process at the first moment and at the last.</summary>
    public (Numbers First, Numbers Now) OfProcess() => (_process[FirstIndex], _process[_last]);

    /// <summary>The numbers of a service at the first moment and at the last.</summary>
    public (Numbers First, Numbers Now) Find(string service) => _services.Find(service, FirstIndex, _last);

    /// <summary>The failed attempts of an upstream at the first moment and at the last.</summary>
    public (long First, long Now) Find(string service, string upstream) => _upstreams.Find((service, upstream), FirstIndex, _last);

    /// <summary>Values by name, at each moment.</summary>
    private sealed class Rows<TKey, T>
        where TKey : notnull
        where T : struct
    {
        private readonly Dictionary<TKey, Row> _rows = [];
        private int _added;

        public void Clear() => _rows.Clear();

        public void Add(TKey key, int index, T value)
        {
            if (!_rows.TryGetValue(key, out Row? row)) _rows.Add(key, row = new Row());
            row.Of[index] = value;
            row.IsAdded = true;
            _added++;
        }

        public void Forget()
        {
            if (_added < _rows.Count)
            {
                foreach (TKey gone in _rows.Where(r => !r.Value.IsAdded).Select(r => r.Key).ToArray()) _rows.Remove(gone);
            }
            foreach (Row row in _rows.Values) row.IsAdded = false;
            _added = 0;
        }

        public (T First, T Now) Find(TKey key, int first, int last) =>
            _rows.TryGetValue(key, out Row? row) ? (row.Of[first], row.Of[last]) : default;

        private sealed class Row
        {
            public T[] Of { get; } = new T[TrafficSampler.SamplesMax];

            public bool IsAdded { get; set; }
        }
    }
}

/// <summary>What the rates of a service, or of the process, are made of.</summary>
internal readonly record struct Numbers(long Accepted, long Ended, long Failed, long Refused, long ToUpstreams, long ToClients,
    long AttemptsFailed, Histogram FailoverCost)
{
    public static Numbers Of(in ServiceCounts counts, long attemptsFailed) => new(counts.Accepted, counts.EndedCount, counts.AllFailed,
        counts.Refused, counts.BytesToUpstreams, counts.BytesToClients, attemptsFailed, counts.FailoverCost);
}
