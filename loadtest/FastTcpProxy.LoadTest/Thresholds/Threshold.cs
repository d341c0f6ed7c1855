namespace FastTcpProxy.LoadTest.Thresholds;

/// <summary>What must hold of one figure of a run. Immutable.</summary>
/// <param name="Figure">The name as the report has it, such as "silent.p99_ms", or two of them, "silent.p99_ms/quiet.p99_ms": then the
/// bounds are of the one divided by the other.</param>
/// <param name="Max">The most that is allowed; null: any.</param>
/// <param name="Min">The least; null: any.</param>
public sealed record Threshold(string Figure, double? Max = null, double? Min = null);
