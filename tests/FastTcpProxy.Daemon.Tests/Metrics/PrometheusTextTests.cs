using System.Text;
using FastTcpProxy.Daemon.Metrics;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Tests.Metrics;

public sealed class PrometheusTextTests
{
    private static readonly LabelText Owner = new(("service", "mail")), Extra = new(("cause", "memory"));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000001")]
    [InlineData(1_500_000, "1.5")]
    [InlineData(2_000_000, "2")]
    [InlineData(1_790_000_000_123_456, "1790000000.123456")]
    public void Seconds_AreExact(long us, string expected) =>
        Assert.Equal($"m_seconds {expected}\n", Write(Family("m_seconds"), s => s.AddMicroseconds(LabelText.None, LabelText.None, us)));

    [Fact]
    public void Sample_HasTheLabelsOfItsOwnerFirst()
    {
        Assert.Equal("m{service=\"mail\",cause=\"memory\"} -7\n", Write(Family("m"), s => s.Add(Owner, Extra, -7)));
        Assert.Equal("m{cause=\"memory\"} 9223372036854775807\n",
            Write(Family("m"), s => s.Add(LabelText.None, Extra, long.MaxValue)));
    }

    [Fact]
    public void Label_IsEscaped() => Assert.Equal("m{a=\"\\\\ \\\" \\n é😀\"} 1\n",
        Write(Family("m"), s => s.Add(new LabelText(("a", "\\ \" \n é😀")), 1)));

    [Fact]
    public void Histogram_OfFewBounds_LosesNoCount()
    {
        Histogram counted = default;
        foreach (int us in Histogram.BoundsUs) counted.Add(us);
        counted.Add(30_000_001);

        string text = Write(Family("h_seconds", MetricKind.Histogram, HistogramBounds.Connect), s => s.Add(Owner, in counted));

        Assert.Equal("""
            h_seconds_bucket{service="mail",le="0.01"} 7
            h_seconds_bucket{service="mail",le="0.1"} 10
            h_seconds_bucket{service="mail",le="1"} 13
            h_seconds_bucket{service="mail",le="3"} 14
            h_seconds_bucket{service="mail",le="5"} 15
            h_seconds_bucket{service="mail",le="7"} 16
            h_seconds_bucket{service="mail",le="+Inf"} 19
            h_seconds_sum{service="mail"} 86.944351
            h_seconds_count{service="mail"} 19

            """, text);
    }

    [Fact]
    public void Text_LongerThanItsBuffer_IsWhole()
    {
        LabelText wide = new(("a", new string('x', 5000)));

        string text = Write(Family("m"), s =>
        {
            for (int i = 0; i < 100; i++) s.Add(wide, i);
        });

        Assert.Equal(100, text.Count(c => c == '\n'));
        Assert.EndsWith("\"} 99\n", text);
    }

    private static MetricFamily Family(string name, MetricKind kind = MetricKind.Gauge, HistogramBounds? bounds = null) =>
        new MetricFamily<int>(name, kind, "Help.", [], static _ => [], static (_, _) => { }) { Bounds = bounds ?? HistogramBounds.Full };

    private static string Write(MetricFamily family, Action<PrometheusText> write)
    {
        using PrometheusText text = new();
        text.Begin(family);
        string head = $"# HELP {family.Name} Help.\n# TYPE {family.Name} {family.Kind.ToString().ToLowerInvariant()}\n";
        write(text);
        string written = Encoding.UTF8.GetString(text.Written.Span);
        Assert.StartsWith(head, written);
        return written[head.Length..];
    }
}
