using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// Writes an ExportMetricsServiceRequest of OTLP 1.x (opentelemetry/proto/metrics/v1/metrics.proto). The numbers of its fields stand beside
/// their names below. Values are cumulative, without a start time: after a take-over they began in another process, and what is not said
/// is found by a fall of the value, as in Prometheus. One thread at a time; it owns its buffer.
/// </summary>
/// <param name="instance">Tells this proxy from others, and stays over restarts and take-overs.</param>
internal sealed class OtlpRequest(string instance) : ISampleSink, IDisposable
{
    private const int ResourceMetrics = 1, Resource = 1, ResourceAttributes = 1, ScopeMetrics = 2, Scope = 1, ScopeName = 1,
        ScopeVersion = 2, Metrics = 2;

    private const int Name = 1, Description = 2, Unit = 3, Gauge = 5, Sum = 7, HistogramData = 9;

    private const int DataPoints = 1, Temporality = 2, IsMonotonic = 3, Cumulative = 2;

    private const int Time = 3, AsDouble = 4, AsInt = 6, NumberAttributes = 7;

    private const int Count = 4, HistogramSum = 5, BucketCounts = 6, Bounds = 7, HistogramAttributes = 9;

    private const int AttributeKey = 1, AttributeValue = 2, StringValue = 1;

    private readonly OtlpMessage _message = new();
    private MetricFamily _family = null!;
    private int _resource, _scope, _metric, _data, _empty, _begun;
    private long _timeNs;

    public int Length => _message.Length;

    public ReadOnlyMemory<byte> Written => _message.Written;

    /// <summary>Points since the request began.</summary>
    public int Points { get; private set; }

    /// <summary>Begins a request, in place of the one before.</summary>
    public void Start(DateTimeOffset now)
    {
        _timeNs = (now - DateTimeOffset.UnixEpoch).Ticks * 100;
        Points = 0;
        _message.Clear();
        _resource = _message.Begin(ResourceMetrics);
        int resource = _message.Begin(Resource);
        Attribute(ResourceAttributes, "service.name", "fasttcpproxy");
        Attribute(ResourceAttributes, "service.version", ProgramVersion.Text);
        Attribute(ResourceAttributes, "service.instance.id", instance);
        Attribute(ResourceAttributes, "host.name", Environment.MachineName);
        _message.End(resource);
        _scope = _message.Begin(ScopeMetrics);
        int scope = _message.Begin(Scope);
        _message.Text(ScopeName, "FastTcpProxy");
        _message.Text(ScopeVersion, ProgramVersion.Text);
        _message.End(scope);
    }

    /// <summary>Ends the request.</summary>
    public void Finish()
    {
        _message.End(_scope);
        _message.End(_resource);
    }

    public void Begin(MetricFamily family)
    {
        _family = family;
        _empty = _message.Length;
        _metric = _message.Begin(Metrics);
        _message.Text(Name, family.Name);
        _message.Text(Description, family.Help);
        _message.Text(Unit, family.Unit);
        _data = _message.Begin(family.Kind switch { MetricKind.Counter => Sum, MetricKind.Gauge => Gauge, _ => HistogramData });
        if (family.Kind != MetricKind.Gauge) _message.Number(Temporality, Cumulative);
        if (family.Kind == MetricKind.Counter) _message.Number(IsMonotonic, 1);
        _begun = Points;
    }

    /// <summary>Ends the family; one without points is left out.</summary>
    public void EndFamily()
    {
        if (Points == _begun)
        {
            _message.CutTo(_empty);
            return;
        }
        _message.End(_data);
        _message.End(_metric);
    }

    public void Add(LabelText owner, LabelText extra, long value)
    {
        int point = BeginPoint(NumberAttributes, owner, extra);
        _message.Fixed(AsInt, value);
        _message.End(point);
    }

    public void AddMicroseconds(LabelText owner, LabelText extra, long us)
    {
        int point = BeginPoint(NumberAttributes, owner, extra);
        _message.Fixed(AsDouble, us / 1e6);
        _message.End(point);
    }

    public void Add(LabelText owner, LabelText extra, in Histogram histogram)
    {
        HistogramBounds bounds = _family.Bounds;
        int point = BeginPoint(HistogramAttributes, owner, extra);
        long count = 0;
        int bucket = 0;
        _message.Packed(BucketCounts, bounds.Ends.Length + 1);
        for (int i = 0; i <= bounds.Ends.Length; i++)
        {
            int end = i < bounds.Ends.Length ? bounds.Ends[i] : Histogram.Buckets;
            long here = 0;
            while (bucket < end) here += histogram[bucket++];
            _message.Fixed(here);
            count += here;
        }
        // Of the ranges that were read above: a receiver refuses a point whose count is another than their sum.
        _message.Fixed(Count, count);
        _message.Fixed(HistogramSum, histogram.SumUs / 1e6);
        _message.Packed(Bounds, bounds.Us.Length);
        foreach (int us in bounds.Us) _message.Fixed(BitConverter.DoubleToInt64Bits(us / 1e6));
        _message.End(point);
    }

    public void Dispose() => _message.Dispose();

    private int BeginPoint(int attributes, LabelText owner, LabelText extra)
    {
        Points++;
        int point = _message.Begin(DataPoints);
        _message.Fixed(Time, _timeNs);
        foreach ((string name, string value) in owner.Pairs) Attribute(attributes, name, value);
        foreach ((string name, string value) in extra.Pairs) Attribute(attributes, name, value);
        return point;
    }

    private void Attribute(int field, string key, string value)
    {
        int attribute = _message.Begin(field);
        _message.Text(AttributeKey, key);
        int any = _message.Begin(AttributeValue);
        _message.Text(StringValue, value);
        _message.End(any);
        _message.End(attribute);
    }
}
