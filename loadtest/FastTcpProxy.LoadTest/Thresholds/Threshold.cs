namespace FastTcpProxy.LoadTest.Thresholds;

/// <summary>What must hold of one figure of a run. Immutable.</summary>
/// <param name="Figure">The name as the report has it, such as "silent.p99_ms".</param>
/// <param name="Max">The most that is allowed; null: any.</param>
/// <param name="Min">The least; null: any.</param>
public sealed record Threshold(string Figure, double? Max = null, double? Min = null);
