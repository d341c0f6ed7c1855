using System.Collections.Immutable;
using System.Text;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// A metric: its name, what it means, and how its samples are read. The one description from which <c>/metrics</c>, OTLP, the meter and the
/// documentation come. Immutable, any thread.
/// </summary>
/// <param name="name">By the conventions of Prometheus: the unit in the plural, <c>_total</c> on counters.</param>
/// <param name="kind">Its type.</param>
/// <param name="help">One sentence for people.</param>
/// <param name="labels">Names of its labels.</param>
internal abstract class MetricFamily(string name, MetricKind kind, string help, params ImmutableArray<string> labels)
{
    private readonly byte[] _nameUtf8 = Encoding.UTF8.GetBytes(name);
    private readonly byte[] _headUtf8 = Encoding.UTF8.GetBytes(
        $"# HELP {name} {help.Replace("\\", "\\\\", StringComparison.Ordinal)}\n# TYPE {name} {LabelText.Camel(kind.ToString())}\n");

    public string Name => name;

    public MetricKind Kind => kind;

    public string Help => help;

    public ImmutableArray<string> Labels => labels;

    /// <summary>Where the kernel or a standard defines it; empty: the proxy counts it itself.</summary>
    public string Source { get; init; } = "";

    /// <summary>Of a histogram.</summary>
    public HistogramBounds Bounds { get; init; } = HistogramBounds.Full;

    /// <summary>The unit by UCUM, as OTLP and instruments have it.</summary>
    public string Unit =>
        name.Contains("_seconds", StringComparison.Ordinal) ? "s" : name.Contains("_bytes", StringComparison.Ordinal) ? "By" : "1";

    public ReadOnlySpan<byte> NameUtf8 => _nameUtf8;

    /// <summary>The lines before its samples in the Prometheus format.</summary>
    public ReadOnlySpan<byte> HeadUtf8 => _headUtf8;

    /// <summary>How many owners a view has for it: services, upstreams, loops, or the process.</summary>
    public abstract int CountOwners(MetricsView view);

    /// <summary>Gives the samples of one of them to a sink that has begun the family.</summary>
    public abstract void Write(MetricsView view, int owner, ISampleSink sink);
}

/// <summary>The type of a metric.</summary>
internal enum MetricKind : byte
{
    /// <summary>It never falls while the process, or one that has taken over from it, lives.</summary>
    Counter,

    /// <summary>It rises and falls.</summary>
    Gauge,

    Histogram,
}

/// <summary>A metric that every owner of one kind has. Immutable, any thread.</summary>
/// <param name="owners">Those of a view.</param>
/// <param name="write">Writes the samples of one; none where it has no value.</param>
internal sealed class MetricFamily<T>(string name, MetricKind kind, string help, ImmutableArray<string> labels,
    Func<MetricsView, ImmutableArray<T>> owners, Action<T, ISampleSink> write)
    : MetricFamily(name, kind, help, labels)
{
    public override int CountOwners(MetricsView view) => owners(view).Length;

    public override void Write(MetricsView view, int owner, ISampleSink sink) => write(owners(view)[owner], sink);
}
