namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// The number by which a service or an upstream is counted, held by what sessions refer to as long as they count. When nothing refers to it
/// any more, nothing can write by it, and the number is free for another name. Immutable, any thread.
/// </summary>
internal sealed class MetricsNumber
{
    private readonly MetricsRegistry _registry;
    private readonly bool _isUpstream;

    internal MetricsNumber(MetricsRegistry registry, bool isUpstream, int value)
    {
        _registry = registry;
        _isUpstream = isUpstream;
        Value = value;
        if (value == MetricsRegistry.Nameless) GC.SuppressFinalize(this);
    }

    ~MetricsNumber() => _registry.OnUnused(_isUpstream, Value);

    /// <summary>The place of its blocks.</summary>
    public int Value { get; }

    /// <summary>The sums of the upstream that has it.</summary>
    public UpstreamCounts ReadUpstream() => _registry.ReadUpstream(Value);

    /// <summary>Counts a check of the upstream that has it.</summary>
    public void CountCheck(in CheckCounts check) => _registry.CountCheck(Value, check);
}
