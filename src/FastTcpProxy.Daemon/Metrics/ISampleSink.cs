using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>Takes the samples of one family after the other. One thread at a time.</summary>
internal interface ISampleSink
{
    /// <summary>The samples that follow belong to this family.</summary>
    void Begin(MetricFamily family);

    /// <summary>A sample.</summary>
    /// <param name="owner">Labels that say whose it is.</param>
    /// <param name="extra">Labels that follow them.</param>
    void Add(LabelText owner, LabelText extra, long value);

    /// <summary>A sample in seconds, from whole microseconds.</summary>
    void AddMicroseconds(LabelText owner, LabelText extra, long us);

    /// <summary>A histogram, by the bounds of its family.</summary>
    void Add(LabelText owner, LabelText extra, in Histogram histogram);
}

/// <summary>Short forms. Stateless.</summary>
internal static class SampleSinkExtensions
{
    public static void Add(this ISampleSink sink, LabelText owner, long value) => sink.Add(owner, LabelText.None, value);

    /// <summary>A ratio.</summary>
    public static void AddMillionths(this ISampleSink sink, LabelText owner, long millionths) =>
        sink.AddMicroseconds(owner, LabelText.None, millionths);

    public static void Add(this ISampleSink sink, LabelText owner, bool value) => sink.Add(owner, LabelText.None, value ? 1 : 0);

    public static void Add(this ISampleSink sink, LabelText owner, in Histogram histogram) =>
        sink.Add(owner, LabelText.None, in histogram);
}
