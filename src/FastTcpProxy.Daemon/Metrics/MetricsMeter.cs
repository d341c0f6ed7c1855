using System.Diagnostics.Metrics;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The metrics as instruments of the meter <see cref="Name"/>, for listeners within the process and tools such as dotnet-counters. A
/// histogram, which an instrument cannot take ready-made, is there as its count and its sum. It reads when a listener asks, and costs
/// nothing otherwise. Any thread; it owns the instruments.
/// </summary>
internal sealed class MetricsMeter : IDisposable
{
    public const string Name = "FastTcpProxy";

    /// <summary>A listener asks every instrument in turn: all of them are answered from one reading.</summary>
    private static readonly TimeSpan ReadingAge = TimeSpan.FromMilliseconds(200);

    private readonly Func<MetricsView> _source;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private readonly Meter _meter = new(Name);
    private readonly ProxyEventSource _totals;
    private MetricsView? _view;
    private long _readAt;

    /// <param name="source">Reads all metrics.</param>
    public MetricsMeter(Func<MetricsView> source, TimeProvider time)
    {
        _source = source;
        _time = time;
        foreach (MetricFamily family in MetricTable.All) Create(family);
        _totals = new ProxyEventSource(Read);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _totals.Dispose();
    }

    private void Create(MetricFamily family)
    {
        switch (family.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(family.Name, () => Observe(family), family.Unit, family.Help);
                break;
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(family.Name, () => Observe(family), family.Unit, family.Help);
                break;
            default:
                _meter.CreateObservableCounter(family.Name + "_count", () => Observe(family, Part.Count), "1", family.Help);
                _meter.CreateObservableCounter(family.Name + "_sum", () => Observe(family, Part.Sum), family.Unit, family.Help);
                break;
        }
    }

    private List<Measurement<double>> Observe(MetricFamily family, Part part = Part.Value)
    {
        MetricsView view = Read();
        Measurements measurements = new(part);
        for (int i = 0; i < family.CountOwners(view); i++) family.Write(view, i, measurements);
        return measurements.All;
    }

    private MetricsView Read()
    {
        lock (_reading)
        {
            if (_view is { } view && _time.GetElapsedTime(_readAt) < ReadingAge) return view;
            _view = _source();
            _readAt = _time.GetTimestamp();
            return _view;
        }
    }

    private enum Part : byte
    {
        Value,
        Count,
        Sum,
    }

    private sealed class Measurements(Part part) : ISampleSink
    {
        public List<Measurement<double>> All { get; } = [];

        public void Begin(MetricFamily family)
        {
        }

        public void Add(LabelText owner, LabelText extra, long value) => Add(owner, extra, (double)value);

        public void AddMicroseconds(LabelText owner, LabelText extra, long us) => Add(owner, extra, us / 1e6);

        public void Add(LabelText owner, LabelText extra, in Histogram histogram) =>
            Add(owner, extra, part == Part.Count ? histogram.Count : histogram.SumUs / 1e6);

        private void Add(LabelText owner, LabelText extra, double value) => All.Add(new Measurement<double>(value,
            owner.Pairs.Concat(extra.Pairs).Select(p => new KeyValuePair<string, object?>(p.Name, p.Value))));
    }
}
