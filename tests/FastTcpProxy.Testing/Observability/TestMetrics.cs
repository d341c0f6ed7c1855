using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Testing.Observability;

/// <summary>Counts of no engine. Stateless.</summary>
public static class TestMetrics
{
    /// <summary>Reads the counts of a loop that does nothing.</summary>
    public static MetricsReader Reader() => new(MetricsRegistry.Small());
}
