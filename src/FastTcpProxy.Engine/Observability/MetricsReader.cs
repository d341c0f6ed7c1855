namespace FastTcpProxy.Engine.Observability;

/// <summary>Reads all counts. Any thread but a loop.</summary>
public sealed class MetricsReader
{
    private readonly Func<MetricsSnapshot> _read;

    internal MetricsReader(Func<MetricsSnapshot> read) => _read = read;

    /// <summary>The counts of now.</summary>
    public MetricsSnapshot Read() => _read();
}
